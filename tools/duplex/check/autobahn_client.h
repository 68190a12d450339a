// An echo client for a fuzzing server: Autobahn's, or `duplex check --listen`.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "duplex/duplex.h"

namespace duplex::tools::suite {

struct AutobahnSummary {
  std::uint64_t case_count = 0;
  std::uint64_t ok_count = 0;    // OK
  std::uint64_t open_count = 0;  // INFORMATIONAL, UNIMPLEMENTED
  std::uint64_t bad_count = 0;   // anything else
  std::string problem = {};      // the server was lost
  bool violation = false;        // by breaking the protocol, where it was asked
};

// Runs one case after another with the library's client, each on a connection of its own, and asks
// how it was judged. Owner and thread: the command, which runs the loop.
class AutobahnClient {
 public:
  using OnCase = std::function<void(const std::string& behavior, const std::string& info)>;

  // `server`: "ws://host:port"; `on_case` is told of each case that is not OK.
  AutobahnClient(EventLoop& loop, std::string server, std::string agent, OnCase on_case);

  void start();  // stops the loop when all is done
  const AutobahnSummary& summary() const noexcept { return summary_; }

 private:
  using Next = std::function<void(const std::string& text)>;

  std::string url(const std::string& path, std::uint64_t number) const;
  // Connects, takes the one message that the server has to say, and goes on. Gives up when it
  // is not said within a minute. `what` it is; empty: nothing need be said.
  void ask(const std::string& url, const std::string& what, Next next);
  void give_up_unanswered(const std::string& url, const std::string& what, const CloseEvent& event);
  void run_case(std::uint64_t number);
  void ask_status(std::uint64_t number);
  void judged(std::uint64_t number, const std::string& status);
  void finish();
  void give_up(std::string why);

  EventLoop& loop_;
  Client client_;
  std::string server_;
  std::string agent_;
  OnCase on_case_;
  AutobahnSummary summary_;
};

}  // namespace duplex::tools::suite
