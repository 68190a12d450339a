// A conversation with a Socket.IO server.
#include "event_conversation.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <iterator>
#include <system_error>
#include <utility>

#include "measure/format.h"
#include "message_text.h"

namespace duplex::tools {
namespace {

using socketio::Ack;
using socketio::AckReply;
using socketio::AckStatus;
using socketio::ClientDisconnect;
using socketio::ClientDisconnectReason;
using socketio::ClientSocket;
using socketio::ConnectError;
using socketio::Values;

constexpr std::size_t most_queued = std::size_t{1} << 20;  // bytes, above which lines wait
constexpr std::chrono::milliseconds pause{2};

socketio::ClientOptions within(socketio::ClientOptions client, std::chrono::nanoseconds timeout) {
  const auto most = std::chrono::duration_cast<std::chrono::milliseconds>(timeout);
  auto& session = client.engine.session;
  session.close_timeout = std::chrono::seconds(2);
  if (most.count() == 0) return client;
  session.open_timeout = std::min(session.open_timeout, most);
  session.close_timeout = std::min(session.close_timeout, most);
  return client;
}

ExitCode exit_code_for(ClientDisconnectReason reason) {
  if (reason == ClientDisconnectReason::io_server_disconnect) return ExitCode::ok;
  if (reason == ClientDisconnectReason::parse_error) return ExitCode::protocol_violation;
  return ExitCode::could_not_connect;
}

}  // namespace

EventConversation::EventConversation(EventLoop& loop, EventConversationOptions options,
                                     Console& console, Input& input)
    : loop_(loop),
      options_(std::move(options)),
      console_(console),
      input_(input),
      display_(console, loop.kernel(), options_.display),
      client_(loop, options_.url, within(options_.client, options_.timeout)) {}

void EventConversation::start() {
  loop_.on_signal(std::array{SIGINT, SIGTERM}, [this](int) { interrupted(); });
  if (options_.timeout.count() > 0) loop_.run_after(options_.timeout, [this] { timed_out(); });
  client_.on_reconnect_attempt([this](std::size_t number) { written(display_.attempt(number)); });
  join(options_.nsp, options_.auth);
}

// --- Namespaces ----------------------------------------------------------------------------------

void EventConversation::join(const std::string& nsp, std::optional<Json> auth) {
  current_ = find(nsp);
  if (current_ == nullptr) {
    current_ = &client_.of(nsp, {.auto_connect = false});
    sockets_.push_back(current_);
    watch(*current_);
  }
  if (auth) current_->set_auth(*std::move(auth));
  current_->connect();
}

void EventConversation::watch(ClientSocket& socket) {
  socket.on_connect([this](ClientSocket& self) { connected(self); })
      .on_connect_error([this](ClientSocket& self, const ConnectError& why) { refused(self, why); })
      .on_disconnect(
          [this](ClientSocket& self, const ClientDisconnect& why) { disconnected(self, why); })
      .on_error([this](std::string_view event, std::string_view why) {
        complain("not sent: " + one_line(event) + ": " + std::string(why));
        blame(ExitCode::usage);
      });
  // Heard before the event's own handlers: so each event has one, whatever its name.
  socket.on_any([this, &socket](std::string_view event, Values) {
    socket.once(event, [this, &socket, name = std::string(event)](Values values, const Ack& ack) {
      heard(socket, name, values, ack);
    });
  });
}

void EventConversation::connected(ClientSocket& socket) {
  written(display_.connected(socket, client_.transport()));
  start_input();
  say_waiting();
}

void EventConversation::refused(ClientSocket& socket, const ConnectError& error) {
  written(display_.refused(socket.nsp(), error, socket.active()));
  if (leaving_ || socket.active()) return;
  blame(ExitCode::could_not_connect);
  if (!input_started_ || !is_anyone_active()) {
    exit_ = ExitCode::could_not_connect;
    end();
  }
}

void EventConversation::disconnected(ClientSocket& socket, const ClientDisconnect& why) {
  const bool by_us = why.reason == ClientDisconnectReason::io_client_disconnect;
  const bool ends = !leaving_ && !by_us && !is_anyone_active();
  if (!ends || options_.display.json) {
    written(display_.disconnected(socket.nsp(), why, socket.active()));
  }
  if (ends) cut_off(exit_code_for(why.reason), text_of(socket.nsp(), why));
}

void EventConversation::heard(ClientSocket& socket, std::string_view name, Values values,
                              const Ack& ack) {
  if (leaving_) return;
  ++heard_;
  std::optional<JsonArray> answer;
  if (ack) answer = answer_;
  ack.answer(answer_);
  written(display_.event(socket.nsp(), name, values, answer));
  if (heard_ == options_.max_events && !leaving_) leave(ExitCode::ok);
}

bool EventConversation::is_anyone_active() const noexcept {
  return std::ranges::any_of(sockets_, [](const ClientSocket* each) { return each->active(); });
}

ClientSocket* EventConversation::find(const std::string& nsp) const noexcept {
  const auto found = std::ranges::find_if(
      sockets_, [&nsp](const ClientSocket* each) { return each->nsp() == nsp; });
  return found != sockets_.end() ? *found : nullptr;
}

// --- Lines ---------------------------------------------------------------------------------------

void EventConversation::start_input() {
  if (leaving_ || std::exchange(input_started_, true)) return;
  try {
    input_.start(loop_, {.on_lines = [this](auto lines) { take_lines(std::move(lines)); },
                         .on_end =
                             [this] {
                               input_ended_ = true;
                               say_waiting();
                             },
                         .on_too_long =
                             [this] {
                               complain("a line of the input is longer than " +
                                        std::to_string(max_line_size) + " bytes");
                               leave(ExitCode::usage);
                             }});
  } catch (const std::system_error& error) {  // no descriptor, no thread
    complain("cannot read standard input: " + std::string(error.what()));
    leave(ExitCode::usage);
  }
}

void EventConversation::take_lines(std::vector<std::string> lines) {
  waiting_.insert(waiting_.end(), std::make_move_iterator(lines.begin()),
                  std::make_move_iterator(lines.end()));
  acknowledgement_owed_ = true;
  say_waiting();
}

// Events wait for a connection, and while the server does not keep up.
bool EventConversation::may_say(const EventCommand& command) const noexcept {
  const auto* const event = std::get_if<EmitEvent>(&command);
  if (event == nullptr || event->manner == EmitEvent::Manner::droppably) return true;
  if (!current_->active()) return true;
  return current_->connected() && client_.queued_bytes() <= most_queued;
}

void EventConversation::say_waiting() {
  while (!leaving_ && !pausing_ && (next_ || !waiting_.empty())) {
    if (!next_) {
      next_ = read_event_line(waiting_.front());
      waiting_.pop_front();
    }
    if (!may_say(*next_)) return say_later();
    const EventCommand command = *std::exchange(next_, std::nullopt);
    std::visit([this](const auto& wish) { carry_out(wish); }, command);
  }
  if (leaving_ || pausing_) return;
  if (std::exchange(acknowledgement_owed_, false)) input_.acknowledge();
  if (input_ended_) end_after_input();
}

void EventConversation::say_later() {
  pausing_ = true;
  loop_.run_after(pause, [this] {
    pausing_ = false;
    say_waiting();
  });
}

void EventConversation::carry_out(const EmitEvent& wish) {
  const std::string& name = *wish.values[0].text();
  socketio::Event event = {.values = wish.values};
  if (!current_->active()) {
    complain("not sent: " + current_->nsp() + " is not joined (/join " + current_->nsp() + ")");
    return blame(ExitCode::usage);
  }
  if (wish.manner == EmitEvent::Manner::droppably) return current_->droppable().send(event);
  if (wish.manner == EmitEvent::Manner::plainly) return current_->send(std::move(event));
  ++asking_;
  event.on_ack = [this, nsp = current_->nsp(), name, asked = loop_.kernel().now()](
                     AckReply& reply) { answered(nsp, name, asked, reply); };
  current_->timeout(options_.ack_timeout).send(std::move(event));
}

void EventConversation::answered(const std::string& nsp, const std::string& name,
                                 net::Clock::time_point asked, const AckReply& reply) {
  --asking_;
  if (ended_) return;
  written(display_.reply(nsp, name, reply, loop_.kernel().now() - asked));
  if (reply.status != AckStatus::answered) blame(ExitCode::threshold_missed);
  if (input_ended_) say_waiting();
}

void EventConversation::carry_out(const JoinNamespace& wish) { join(wish.nsp, wish.auth); }

void EventConversation::carry_out(const LeaveNamespace& wish) {
  ClientSocket* const left = wish.nsp.empty() ? current_ : find(wish.nsp);
  if (left == nullptr || !left->active()) {
    complain("/leave: " + (left == nullptr ? wish.nsp : left->nsp()) + " is not joined");
    return blame(ExitCode::usage);
  }
  left->disconnect();
}

void EventConversation::carry_out(const ChooseNamespace& wish) {
  if (!wish.nsp.empty()) {
    ClientSocket* const found = find(wish.nsp);
    if (found != nullptr) {
      current_ = found;
    } else {
      complain("/nsp: " + wish.nsp + " has not been joined (/join " + wish.nsp + ")");
      return blame(ExitCode::usage);
    }
  }
  for (const ClientSocket* const each : sockets_) {
    const std::string state = each->connected() ? "joined as " + one_line(each->id())
                              : each->active()  ? "not yet joined"
                                                : "left";
    console_.note((each == current_ ? "* " : "  ") + each->nsp() + "  " + state);
  }
}

void EventConversation::carry_out(const SetAuth& wish) {
  current_->set_auth(wish.auth);
  if (!current_->active()) current_->connect();
}

void EventConversation::carry_out(const SetAnswer& wish) { answer_ = wish.values; }

void EventConversation::carry_out(const EndEvents&) { leave(ExitCode::ok); }

void EventConversation::carry_out(const ShowHelp&) {
  for (const std::string& line : event_command_help()) console_.note(line);
}

void EventConversation::carry_out(const Refusal& refusal) {
  complain(refusal.why);
  blame(ExitCode::usage);
}

void EventConversation::end_after_input() {
  // With a number of events to wait for, the end of the input is not the end.
  if (!options_.max_events && asking_ == 0) leave(ExitCode::ok);
}

// --- The end -------------------------------------------------------------------------------------

// A reader who has gone has had enough.
void EventConversation::written(Written how) {
  if (how == Written::yes || leaving_) return;
  leave(how == Written::no ? ExitCode::usage : ExitCode::ok);
}

std::string EventConversation::missed() const {
  if (options_.max_events) {
    return " after " + std::to_string(heard_) + " of " + std::to_string(*options_.max_events) +
           " events";
  }
  const bool unsaid = next_ || !waiting_.empty() || (!input_ended_ && input_.has_more());
  return unsaid ? " before all of the input was sent" : "";
}

void EventConversation::cut_off(ExitCode code, const std::string& why) {
  const std::string cut = missed();
  if (code == ExitCode::ok && !cut.empty()) {
    code = options_.max_events ? ExitCode::threshold_missed : ExitCode::usage;
  }
  exit_ = code;
  code == ExitCode::ok ? console_.note(why) : complain(why + cut);
  end();
}

void EventConversation::interrupted() {
  if (!wishes_.hear(loop_.now())) return;
  if (leaving_) return end();
  leave(ExitCode::interrupted);
}

void EventConversation::timed_out() {
  if (leaving_) return;
  if (!options_.max_events) {
    if (!input_started_)
      complain("not connected within " + measure::format_duration(options_.timeout));
    return leave(input_started_ ? ExitCode::ok : ExitCode::could_not_connect);
  }
  complain(std::to_string(heard_) + " of " + std::to_string(*options_.max_events) +
           " events came within " + measure::format_duration(options_.timeout));
  leave(ExitCode::threshold_missed);
}

void EventConversation::leave(ExitCode code) {
  exit_ = code;
  leaving_ = true;
  client_.disconnect();
  wait_until_left();
}

// What was said before leaves first.
void EventConversation::wait_until_left() {
  if (!client_.is_leaving()) return end();
  loop_.run_after(pause, [this] { wait_until_left(); });
}

void EventConversation::end() {
  leaving_ = true;
  ended_ = true;
  loop_.stop();
}

}  // namespace duplex::tools
