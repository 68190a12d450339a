// One WebSocket between a server and whoever has lines for it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "../exit_code.h"
#include "../wishes.h"
#include "console.h"
#include "display.h"
#include "duplex/duplex.h"
#include "input.h"
#include "round_trips.h"
#include "speaker.h"

namespace duplex::tools {

struct ConversationOptions {
  std::string url;
  ConnectOptions connect = {};
  LineMode mode = LineMode::text;
  std::chrono::nanoseconds ping_interval{0};  // 0: no pings but those of the library
  std::chrono::nanoseconds timeout{0};        // of everything; 0: none
  std::optional<std::uint64_t> max_messages = {};
  bool echo = false;         // messages go back as they came; input and output are left alone
  bool commands = false;     // lines that begin with a slash are commands
  bool indent_json = false;  // messages that are JSON are shown so
  DisplayOptions display = {};
};

// Owner and thread: `connect`, which makes it and runs the loop. `console` and `input` must outlive
// it.
class Conversation {
 public:
  Conversation(EventLoop& loop, ConversationOptions options, Console& console, Input& input);

  void start();
  ExitCode exit_code() const noexcept {
    return exit_ == ExitCode::ok && refused_line_ ? ExitCode::usage : exit_;
  }

 private:
  ClientHandlers handlers();
  void opened(Connection& peer);
  void start_input();
  void received(Connection& peer, Message message);
  void ponged(Bytes payload);
  Written show(Message message);
  void closed(const CloseEvent& event);
  void failed(const OpeningFailure& failure);
  void send_lines(const std::vector<std::string>& lines);
  void said(Saying what, Bytes payload);
  void line_too_long();
  void input_ended();
  void drained();
  void interrupted();
  void timed_out();
  void ping_again();
  void leave(ExitCode code);  // closes, and ends with that code
  void end();                 // of everything
  void complain(const std::string& text) { console_.complain("duplex connect: " + text); }
  Connection* peer() noexcept { return client_.find(id_); }

  EventLoop& loop_;
  ConversationOptions options_;
  Console& console_;
  Input& input_;
  Speaker speaker_;
  Display display_;
  RoundTrips round_trips_;
  Client client_;
  ConnectionId id_ = {};
  bool acknowledgement_owed_ = false;  // until the queue has drained
  std::uint64_t received_ = 0;
  bool leaving_ = false;
  bool said_close_ = false;    // a line asked for it
  Wishes wishes_;              // to end
  bool refused_line_ = false;  // one of the input's could not be sent
  ExitCode exit_ = ExitCode::ok;
};

}  // namespace duplex::tools
