// One WebSocket between a server and stdin and stdout.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "../exit_code.h"
#include "../wishes.h"
#include "duplex/duplex.h"
#include "stdin_reader.h"

namespace duplex::tools {

enum class LineMode : std::uint8_t {
  text,    // a line is a text message
  binary,  // a line's bytes are a binary message
  hex,     // a line's digits are the bytes of a binary message; binary ones are shown like that
};

struct ConversationOptions {
  std::string url;
  ConnectOptions connect = {};
  LineMode mode = LineMode::text;
  std::chrono::nanoseconds ping_interval{0};  // 0: no pings but those of the library
  std::chrono::nanoseconds timeout{0};        // of everything; 0: none
  std::optional<std::uint64_t> max_messages = {};
  bool echo = false;  // messages go back as they came; stdin and stdout are left alone
  bool quiet = false;
};

// Owner and thread: `connect`, which makes it and runs the loop.
class Conversation {
 public:
  Conversation(EventLoop& loop, ConversationOptions options);

  void start();
  ExitCode exit_code() const noexcept {
    return exit_ == ExitCode::ok && refused_line_ ? ExitCode::usage : exit_;
  }

 private:
  ClientHandlers handlers();
  void opened(Connection& peer);
  void read_input();
  void received(Connection& peer, Message message);
  void closed(const CloseEvent& event);
  void failed(const OpeningFailure& failure);
  void send_lines(std::vector<std::string> lines);
  SendStatus send_line(Connection& peer, const std::string& line);
  void refuse_line(const std::string& why);
  void line_too_long();
  void input_ended();
  void interrupted();
  void timed_out();
  void ping_again();
  std::string missed() const;
  void leave(ExitCode code);  // closes, and ends with that code
  void note(const std::string& text) const;
  Connection* peer() noexcept { return client_.find(id_); }

  EventLoop& loop_;
  ConversationOptions options_;
  Client client_;
  ConnectionId id_ = {};
  std::optional<StdinReader> input_;
  bool acknowledgement_owed_ = false;  // until the queue has drained
  std::uint64_t received_ = 0;
  net::Clock::time_point pinged_ = {};
  bool leaving_ = false;
  Wishes wishes_;              // to end
  bool refused_line_ = false;  // one of the input's could not be sent
  ExitCode exit_ = ExitCode::ok;
};

}  // namespace duplex::tools
