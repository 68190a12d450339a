// One WebSocket between a server and whoever has lines for it.
#include "conversation.h"

#include <array>
#include <csignal>
#include <string_view>
#include <utility>

#include "ending.h"
#include "measure/format.h"
#include "message_text.h"

namespace duplex::tools {
namespace {

endpoint::ClientOptions client_options(const ConversationOptions& options) {
  endpoint::ClientOptions client;
  client.websocket.max_message_size = std::size_t{64} << 20;
  client.websocket.max_fragments = 1U << 20;
  client.websocket.send_limit = std::size_t{128} << 20;
  const auto timeout = std::chrono::duration_cast<std::chrono::milliseconds>(options.timeout);
  if (timeout.count() > 0 && timeout < client.connect_timeout) client.connect_timeout = timeout;
  return client;
}

}  // namespace

Conversation::Conversation(EventLoop& loop, ConversationOptions options, Console& console,
                           Input& input)
    : loop_(loop),
      options_(std::move(options)),
      console_(console),
      input_(input),
      speaker_({.mode = options_.mode,
                .commands = options_.commands,
                .indent_json = options_.indent_json,
                .on_said = [this](Saying what, Bytes payload) { said(what, payload); }}),
      display_(console, options_.display),
      client_(loop, client_options(options_)) {}

void Conversation::start() {
  loop_.on_signal(std::array{SIGINT, SIGTERM}, [this](int) { interrupted(); });
  if (options_.timeout.count() > 0) loop_.run_after(options_.timeout, [this] { timed_out(); });
  id_ = client_.connect(options_.url, handlers(), options_.connect);
}

ClientHandlers Conversation::handlers() {
  ClientHandlers handlers;
  handlers.on_failure = [this](const OpeningFailure& failure) { failed(failure); };
  handlers.websocket = {
      .on_open = [this](Connection& peer, const http::Request&) { opened(peer); },
      .on_message = [this](Connection& peer, Message message) { received(peer, message); },
      .on_pong = [this](Connection&, Bytes payload) { ponged(payload); },
      .on_drain = [this](Connection&) { drained(); },
      .on_close = [this](Connection&, const CloseEvent& event) { closed(event); }};
  return handlers;
}

void Conversation::opened(Connection& peer) {
  std::string text = "connected to " + options_.url;
  if (!peer.subprotocol().empty()) text += ", speaking " + std::string(peer.subprotocol());
  console_.note(text + (options_.echo ? "; Ctrl-C closes" : "; Ctrl-D closes"));
  if (options_.ping_interval.count() > 0) ping_again();
  if (!options_.echo) start_input();
}

void Conversation::start_input() {
  input_.start(loop_,
               {.on_lines = [this](const std::vector<std::string>& lines) { send_lines(lines); },
                .on_end = [this] { input_ended(); },
                .on_too_long = [this] { line_too_long(); }});
}

void Conversation::failed(const OpeningFailure& failure) {
  complain(options_.url + ": " + failure.message);
  std::string_view body = failure.body;
  while (body.ends_with('\n')) body.remove_suffix(1);
  if (!body.empty()) console_.complain(printable(body));
  exit_ = ExitCode::could_not_connect;
  loop_.stop();
}

void Conversation::received(Connection& peer, Message message) {
  if (leaving_) return;
  if (options_.echo) {
    peer.send(message);
  } else if (const Written written = show(message); written != Written::yes) {
    return leave(written == Written::no ? ExitCode::usage : ExitCode::ok);
  }
  if (options_.max_messages && ++received_ == *options_.max_messages) leave(ExitCode::ok);
}

Written Conversation::show(Message message) {
  const Arrival arrival = {.time = loop_.kernel().wall_clock(),
                           .round_trip = round_trips_.answered(loop_.kernel().now())};
  return display_.show(message, arrival, speaker_.mode(), speaker_.indents_json());
}

void Conversation::ponged(Bytes payload) {
  const auto round_trip = round_trips_.ponged(payload, loop_.kernel().now());
  const std::string name = "pong '" + printable(as_text(payload)) + "'";
  // Those of the library's own pings are empty.
  if (!round_trip && !payload.empty()) return console_.note(name + ", which no ping asked for");
  if (!round_trip) return;
  const std::string text = name + " after " + measure::format_duration(*round_trip);
  options_.display.round_trips ? console_.tell(text) : console_.note(text);
}

void Conversation::closed(const CloseEvent& event) {
  const bool as_told = said_close_ && event.code != CloseCode::abnormal_closure;
  const ExitCode code = as_told ? ExitCode::ok : exit_code_for(event);
  if (!leaving_) exit_ = code;
  // Whoever leaves first is not interested in how the other one takes it.
  if (!leaving_ && code != ExitCode::ok) {
    complain(describe(event));
  } else {
    console_.note(describe(event));
  }
  end();
}

void Conversation::end() {
  if (options_.display.round_trips) {
    console_.tell("round trips of " + round_trips_.summary());
  }
  loop_.stop();
}

void Conversation::leave(ExitCode code) {
  exit_ = code;
  leaving_ = true;
  if (Connection* const open = peer()) {
    open->close();
  } else {
    end();
  }
}

void Conversation::interrupted() {
  if (!wishes_.hear(loop_.now())) return;
  if (leaving_) return end();
  leave(ExitCode::interrupted);
}

void Conversation::timed_out() {
  if (leaving_) return;
  if (!options_.max_messages) return leave(ExitCode::ok);
  complain(std::to_string(received_) + " of " + std::to_string(*options_.max_messages) +
           " messages came within " + measure::format_duration(options_.timeout));
  leave(ExitCode::threshold_missed);
}

void Conversation::ping_again() {
  loop_.run_after(options_.ping_interval, [this] {
    Connection* const open = peer();
    if (open == nullptr) return;
    speaker_.ping(*open);
    ping_again();
  });
}

// --- Input ---------------------------------------------------------------------------------------

void Conversation::send_lines(const std::vector<std::string>& lines) {
  bool congested = false;
  for (const std::string& line : lines) {
    Connection* const open = peer();
    if (open == nullptr) break;
    const Speaker::Outcome outcome = speaker_.speak(*open, line);
    congested = congested || outcome.status == SendStatus::congested;
    for (const std::string& note : outcome.notes) console_.note(note);
    if (outcome.problem.empty()) continue;
    complain(outcome.problem);
    refused_line_ = true;
  }
  if (congested) {
    acknowledgement_owed_ = true;
  } else {
    input_.acknowledge();
  }
}

void Conversation::said(Saying what, Bytes payload) {
  if (what == Saying::close) said_close_ = true;
  if (what == Saying::ping) round_trips_.pinged(payload, loop_.kernel().now());
  if (what == Saying::text || what == Saying::binary) round_trips_.said(loop_.kernel().now());
}

void Conversation::drained() {
  if (std::exchange(acknowledgement_owed_, false)) input_.acknowledge();
}

void Conversation::line_too_long() {
  complain("a line of the input is longer than " + std::to_string(max_line_size) + " bytes");
  leave(ExitCode::usage);
}

void Conversation::input_ended() {
  // With a number of messages to wait for, the end of the input is not the end.
  if (options_.max_messages || leaving_) return;
  if (Connection* const open = peer()) open->close();
}

}  // namespace duplex::tools
