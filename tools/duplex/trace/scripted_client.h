// A client that says what it was told to say, and leaves: the connection that is traced.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "../exit_code.h"
#include "duplex/duplex.h"

namespace duplex::tools::trace {

struct Script {
  std::string url = {};
  ConnectOptions connect = {};
  std::vector<std::string> messages = {"hello"};  // sent one after the other, each after a reply
  bool ping = true;                               // then a ping
  CloseCode code = CloseCode::normal_closure;     // then Close, with this code
  std::chrono::nanoseconds patience = std::chrono::seconds(2);  // for each reply
};

// Owner: whoever runs the loop, which it stops at the end. Thread: the loop's.
class ScriptedClient {
 public:
  ScriptedClient(EventLoop& loop, Script script);

  void start();
  bool opened() const noexcept { return opened_; }
  const std::string& problem() const noexcept { return problem_; }  // empty: none
  ExitCode exit_code() const noexcept { return exit_; }

 private:
  ClientHandlers handlers();
  void next();  // what is said next
  void wait();  // for a reply
  void closed(const CloseEvent& event);
  void interrupted();

  EventLoop& loop_;
  Script script_;
  Client client_;
  ConnectionId id_ = {};
  std::size_t said_ = 0;  // messages, then the ping, then Close
  net::TimerId timer_ = net::TimerId::none;
  bool opened_ = false;
  std::string problem_ = {};
  ExitCode exit_ = ExitCode::ok;
};

}  // namespace duplex::tools::trace
