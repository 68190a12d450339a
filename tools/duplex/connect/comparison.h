// The same exchange over WebSocket and over HTTP: each line is a message, and the body of a POST.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "../exit_code.h"
#include "console.h"
#include "duplex/duplex.h"
#include "input.h"
#include "line_command.h"
#include "socket_tap.h"

namespace duplex::tools {

struct ComparisonOptions {
  std::string url;       // of the WebSocket, which answers each message with one
  std::string http_url;  // of the POSTs
  ConnectOptions connect = {};
  LineMode mode = LineMode::text;
  std::chrono::nanoseconds patience = std::chrono::seconds(10);  // for each answer
};

// What answers have cost on one of the two.
struct ExchangeCosts {
  std::vector<double> seconds = {};  // of each answer; of the first with everything before it
  std::vector<double> bytes = {};    // both ways, the same
};

// Lines of text: both beside each other, and how many times the one HTTP is. Pure.
std::vector<std::string> comparison_table(const ExchangeCosts& websocket,
                                          const ExchangeCosts& http);

// One line after the other, over WebSocket and then over HTTP with a connection that is kept alive.
// Owner: the command; thread: the loop's. `tap` is the kernel of the loop.
class Comparison {
 public:
  Comparison(EventLoop& loop, ComparisonOptions options, Console& console, Input& input,
             const SocketTap& tap);

  void start();
  ExitCode exit_code() const noexcept { return exit_; }

 private:
  enum class Step : std::uint8_t { opening, idle, websocket, http, done };

  void opened();
  void take_lines(std::vector<std::string> lines);
  void next();
  void ask_websocket(SayMessage message);
  void answered_by_websocket(Message message);
  void ask_http();
  void answered_by_http(int status, std::string_view body);
  void wait_for(Step step, std::string_view whom);
  void end_with(ExitCode code, const std::string& problem);
  void conclude();
  std::uint64_t http_bytes() const noexcept { return http_.bytes_sent() + http_.bytes_received(); }
  std::uint64_t websocket_bytes() const noexcept {
    return tap_.figures().bytes_sent + tap_.figures().bytes_received;
  }
  net::Clock::time_point now() { return loop_.kernel().now(); }

  EventLoop& loop_;
  ComparisonOptions options_;
  Console& console_;
  Input& input_;
  const SocketTap& tap_;
  Client client_;
  HttpClient http_;
  ConnectionId id_ = {};
  Step step_ = Step::opening;
  net::TimerId patience_ = net::TimerId::none;
  net::Clock::time_point asked_ = {};
  net::Clock::duration opening_{0};  // from the start until the WebSocket was open
  std::uint64_t bytes_before_ = 0;

  std::deque<std::string> waiting_;
  bool acknowledgement_owed_ = false;
  bool input_ended_ = false;
  SayMessage message_ = {};  // that is asked
  std::string answer_;       // of the WebSocket to it
  std::uint64_t different_ = 0;
  ExchangeCosts websocket_costs_;
  ExchangeCosts http_costs_;
  ExitCode exit_ = ExitCode::ok;
};

}  // namespace duplex::tools
