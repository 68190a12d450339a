// A conversation with a Socket.IO server: lines become events, events become lines.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../exit_code.h"
#include "../wishes.h"
#include "console.h"
#include "duplex/duplex.h"
#include "event_display.h"
#include "event_line.h"
#include "input.h"

namespace duplex::tools {

struct EventConversationOptions {
  std::string url;  // http://HOST:PORT, without the namespace
  std::string nsp = "/";
  Json auth = {};
  socketio::ClientOptions client = {};
  std::chrono::milliseconds ack_timeout = std::chrono::seconds(10);  // of /ack
  std::chrono::nanoseconds timeout{0};                               // of everything; 0: none
  std::optional<std::uint64_t> max_events = {};                      // then it ends
  EventDisplayOptions display = {};
};

// Owner and thread: `connect`, which makes it and runs the loop. `console` and `input` must outlive
// it.
class EventConversation {
 public:
  EventConversation(EventLoop& loop, EventConversationOptions options, Console& console,
                    Input& input);

  void start();
  ExitCode exit_code() const noexcept { return exit_ == ExitCode::ok ? flaw_ : exit_; }

 private:
  // --- Namespaces
  void join(const std::string& nsp, std::optional<Json> auth);
  void watch(socketio::ClientSocket& socket);
  void connected(socketio::ClientSocket& socket);
  void refused(socketio::ClientSocket& socket, const socketio::ConnectError& error);
  void disconnected(socketio::ClientSocket& socket, const socketio::ClientDisconnect& why);
  void heard(socketio::ClientSocket& socket, std::string_view name, socketio::Values values,
             const socketio::Ack& ack);
  bool is_anyone_active() const noexcept;
  socketio::ClientSocket* find(const std::string& nsp) const noexcept;

  // --- Lines
  void start_input();
  void take_lines(std::vector<std::string> lines);
  void say_waiting();
  void say_later();
  bool may_say(const EventCommand& command) const noexcept;
  void carry_out(const EmitEvent& event);
  void carry_out(const JoinNamespace& wish);
  void carry_out(const LeaveNamespace& wish);
  void carry_out(const ChooseNamespace& wish);
  void carry_out(const SetAuth& wish);
  void carry_out(const SetAnswer& wish);
  void carry_out(const EndEvents& wish);
  void carry_out(const ShowHelp& wish);
  void carry_out(const Refusal& refusal);
  void answered(const std::string& nsp, const std::string& name, net::Clock::time_point asked,
                const socketio::AckReply& reply);
  void end_after_input();

  // --- The end
  void written(Written how);
  std::string missed() const;
  void cut_off(ExitCode code, const std::string& why);
  void interrupted();
  void timed_out();
  void leave(ExitCode code);  // disconnects, and ends with that code
  void wait_until_left();
  void end();
  void blame(ExitCode code) { flaw_ = flaw_ == ExitCode::ok ? code : flaw_; }
  void complain(const std::string& text) { console_.complain("duplex connect: " + text); }

  EventLoop& loop_;
  EventConversationOptions options_;
  Console& console_;
  Input& input_;
  EventDisplay display_;
  socketio::Client client_;
  std::vector<socketio::ClientSocket*> sockets_ = {};  // of all that were ever joined
  socketio::ClientSocket* current_ = nullptr;          // events go there
  JsonArray answer_ = {};

  std::deque<std::string> waiting_ = {};   // lines that could not be said yet
  std::optional<EventCommand> next_ = {};  // the one before them
  bool input_started_ = false;
  bool input_ended_ = false;
  bool acknowledgement_owed_ = false;
  bool pausing_ = false;     // a timer will go on with the lines
  std::size_t asking_ = 0;   // events whose answer is waited for
  std::uint64_t heard_ = 0;  // events

  bool leaving_ = false;
  bool ended_ = false;
  Wishes wishes_ = {};            // to end
  ExitCode exit_ = ExitCode::ok;  // how it ended
  ExitCode flaw_ = ExitCode::ok;  // what went wrong on the way
};

}  // namespace duplex::tools
