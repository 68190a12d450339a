// One WebSocket between a server and whoever has lines for it, opened again if it shall be.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "../exit_code.h"
#include "../wishes.h"
#include "console.h"
#include "display.h"
#include "duplex/duplex.h"
#include "input.h"
#include "reconnect.h"
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
  bool reconnect = false;
  std::uint64_t max_attempts = 0;  // in a row, to connect again; 0: no limit
  std::uint64_t seed = 1;          // of the waiting between them
  DisplayOptions display = {};
  // Called with everything that is said, by whom. Of a Close: what its frame carries; what has
  // ended without one has the code 1006.
  std::function<void(bool by_us, Saying what, Bytes payload)> on_utterance = {};
  // Writes beneath the protocol; returns what was wrong.
  std::function<std::string(Bytes bytes)> write_raw = {};
};

// What there is to say about a conversation. Instants of the last connection.
struct ConversationFigures {
  net::Clock::time_point started = {};  // to connect
  std::optional<net::Clock::time_point> opened = {};
  std::optional<net::Clock::time_point> first_message = {};
  std::uint64_t messages_sent = 0;
  std::uint64_t messages_received = 0;
  std::uint64_t connections = 0;
  int http_status = 0;
  std::string subprotocol = {};
  std::optional<CloseCode> close_code = {};
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
  const ConversationFigures& figures() const noexcept { return figures_; }
  const RoundTrips& round_trips() const noexcept { return round_trips_; }

 private:
  void connect();
  ClientHandlers handlers();
  void opened(Connection& peer);
  void failed(const OpeningFailure& failure);
  void closed(const CloseEvent& event);
  void say_goodbye(Connection& open);
  void tell_closed(const CloseEvent& event);
  void tell_close(bool by_us, const std::string& payload);
  void connect_later(const std::string& why);
  void ping_again();
  Connection* peer() noexcept { return client_.find(id_); }

  void received(Connection& peer, Message message);
  Written show(Message message);
  void pinged(Bytes payload);
  void ponged(Bytes payload);

  void start_input();
  void take_lines(std::vector<std::string> lines);
  void send_waiting();
  bool send_line(Connection& peer, const std::string& line);
  void said(Saying what, Bytes payload);
  void acknowledge();
  void drained(Connection& peer);
  void line_too_long();
  void input_ended();
  void close_after_input();

  std::string missed() const;
  void interrupted();
  void timed_out();
  void leave(ExitCode code);  // closes, and ends with that code
  void end();                 // of everything
  void complain(const std::string& text) { console_.complain("duplex connect: " + text); }

  EventLoop& loop_;
  ConversationOptions options_;
  Console& console_;
  Input& input_;
  Speaker speaker_;
  Display display_;
  RoundTrips round_trips_;
  Backoff backoff_;
  ConversationFigures figures_;
  Client client_;
  ConnectionId id_ = {};
  net::TimerId ping_timer_ = net::TimerId::none;

  std::deque<std::string> waiting_;  // lines that could not be sent yet
  bool input_started_ = false;
  bool input_ended_ = false;
  bool acknowledgement_owed_ = false;
  bool congested_ = false;     // until the queue has drained
  bool pausing_ = false;       // a line waits for those before it to leave
  bool said_close_ = false;    // a line asked for it
  bool close_told_ = false;    // by us, on this connection
  bool said_all_ = false;      // the input has ended, and nobody waits for more messages
  bool refused_line_ = false;  // one of the input's could not be sent

  bool leaving_ = false;
  Wishes wishes_;  // to end
  ExitCode exit_ = ExitCode::ok;
};

}  // namespace duplex::tools
