// One WebSocket between a server and whoever has lines for it.
#include "conversation.h"

#include <array>
#include <csignal>
#include <iterator>
#include <string_view>
#include <system_error>
#include <utility>

#include "../feed_event.h"
#include "ending.h"
#include "measure/format.h"
#include "message_text.h"

namespace duplex::tools {
namespace {

// A connection that has lasted so long is not one of a row of failures.
constexpr std::chrono::seconds settled{5};
// Bytes of an echo that wait, above which nothing more is read.
constexpr std::size_t most_waiting = std::size_t{32} << 20;

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
                .on_said = [this](Saying what, Bytes payload) { said(what, payload); },
                .write_raw = options_.write_raw}),
      display_(console, options_.display),
      backoff_(options_.seed),
      client_(loop, client_options(options_)) {}

void Conversation::start() {
  loop_.on_signal(std::array{SIGINT, SIGTERM}, [this](int) { interrupted(); });
  if (options_.timeout.count() > 0) loop_.run_after(options_.timeout, [this] { timed_out(); });
  connect();
}

// --- The connection ------------------------------------------------------------------------------

void Conversation::connect() {
  figures_.started = loop_.kernel().now();
  figures_.opened.reset();
  figures_.first_message.reset();
  id_ = client_.connect(options_.url, handlers(), options_.connect);
}

ClientHandlers Conversation::handlers() {
  ClientHandlers handlers;
  handlers.on_failure = [this](const OpeningFailure& failure) { failed(failure); };
  handlers.websocket = {
      .on_open = [this](Connection& peer, const http::Request&) { opened(peer); },
      .on_message = [this](Connection& peer, Message message) { received(peer, message); },
      .on_ping = [this](Connection&, Bytes payload) { pinged(payload); },
      .on_pong = [this](Connection&, Bytes payload) { ponged(payload); },
      .on_drain = [this](Connection& peer) { drained(peer); },
      .on_close = [this](Connection&, const CloseEvent& event) { closed(event); }};
  return handlers;
}

void Conversation::opened(Connection& peer) {
  close_told_ = false;
  figures_.opened = loop_.kernel().now();
  figures_.http_status = 101;
  figures_.subprotocol = peer.subprotocol();
  std::string text = "connected to " + options_.url;
  if (figures_.connections++ > 0) text += " again";
  if (!figures_.subprotocol.empty()) text += ", speaking " + figures_.subprotocol;
  console_.note(text + (options_.echo ? "; Ctrl-C closes" : "; Ctrl-D closes"));
  if (options_.ping_interval.count() > 0) ping_again();
  if (options_.echo) return;
  start_input();
  send_waiting();
}

void Conversation::failed(const OpeningFailure& failure) {
  figures_.http_status = failure.status;
  if (options_.reconnect && !leaving_ && is_worth_another_try(failure)) {
    return connect_later(failure.message);
  }
  complain(options_.url + ": " + failure.message);
  // Set in, so that none of its lines passes for one of ours.
  for_each_line(printable(failure.body),
                [this](std::string_view line) { console_.complain("  " + std::string(line)); });
  if (!leaving_) exit_ = ExitCode::could_not_connect;
  end();
}

void Conversation::closed(const CloseEvent& event) {
  loop_.cancel(ping_timer_);
  round_trips_.forget();
  congested_ = false;
  figures_.close_code = event.code;
  tell_closed(event);
  const bool done = leaving_ || said_close_ || said_all_;
  if (options_.reconnect && !done && is_worth_another_try(event)) {
    return connect_later(describe(event));
  }
  const bool as_told = said_close_ && event.code != CloseCode::abnormal_closure;
  ExitCode code = as_told ? ExitCode::ok : exit_code_for(event);
  const std::string cut = code == ExitCode::ok ? missed() : "";
  if (!cut.empty()) code = options_.max_messages ? ExitCode::threshold_missed : ExitCode::usage;
  if (!leaving_) exit_ = code;
  // Whoever leaves first is not interested in how the other one takes it.
  if (!leaving_ && code != ExitCode::ok) {
    complain(describe(event) + cut);
  } else {
    console_.note(describe(event));
  }
  end();
}

// With 1000, unless either side has closed already.
void Conversation::say_goodbye(Connection& open) {
  if (open.is_open()) tell_close(true, close_payload(CloseCode::normal_closure, {}));
  open.close();
}

void Conversation::tell_closed(const CloseEvent& event) {
  const std::string ours = close_told_ ? "" : close_answered(event);
  if (!ours.empty()) tell_close(true, ours);
  const std::string reason = event.error ? event.error.message() : std::string(event.reason);
  tell_close(false, close_payload(event.code, reason));
}

void Conversation::tell_close(bool by_us, const std::string& payload) {
  close_told_ = close_told_ || by_us;
  if (options_.on_utterance) options_.on_utterance(by_us, Saying::close, as_bytes(payload));
}

void Conversation::connect_later(const std::string& why) {
  if (figures_.opened && loop_.kernel().now() - *figures_.opened >= settled) backoff_.reset();
  const std::uint64_t attempts = backoff_.attempts();
  if (options_.max_attempts != 0 && attempts == options_.max_attempts) {
    complain(why + "; given up after " + std::to_string(attempts) + " attempts to reconnect");
    exit_ = ExitCode::could_not_connect;
    return end();
  }
  const auto delay = backoff_.next();
  console_.tell("duplex connect: " + why + "; attempt " + std::to_string(backoff_.attempts()) +
                " to reconnect in " + measure::format_duration(delay));
  loop_.run_after(delay, [this] {
    if (!leaving_) connect();
  });
}

void Conversation::ping_again() {
  ping_timer_ = loop_.run_after(options_.ping_interval, [this] {
    Connection* const open = peer();
    if (open == nullptr) return;
    speaker_.ping(*open);
    ping_again();
  });
}

// --- What is heard -------------------------------------------------------------------------------

void Conversation::received(Connection& peer, Message message) {
  if (leaving_) return;
  ++figures_.messages_received;
  if (!figures_.first_message) figures_.first_message = loop_.kernel().now();
  if (options_.on_utterance) {
    const bool text = message.opcode == Opcode::text;
    options_.on_utterance(false, text ? Saying::text : Saying::binary, message.payload);
  }
  if (options_.echo) {
    // Not sooner: a server that reads no more until its own queue is empty would wait for us.
    peer.send(message);
    if (peer.queued_bytes() > most_waiting) peer.pause_reading();
  } else if (const Written written = show(message); written != Written::yes) {
    return leave(written == Written::no ? ExitCode::usage : ExitCode::ok);
  }
  if (figures_.messages_received == options_.max_messages) leave(ExitCode::ok);
}

Written Conversation::show(Message message) {
  const Arrival arrival = {.time = loop_.kernel().wall_clock(),
                           .round_trip = round_trips_.answered(loop_.kernel().now())};
  return display_.show(message, arrival, speaker_.mode(), speaker_.indents_json());
}

void Conversation::pinged(Bytes payload) {
  if (options_.on_utterance) options_.on_utterance(false, Saying::ping, payload);
}

void Conversation::ponged(Bytes payload) {
  if (options_.on_utterance) options_.on_utterance(false, Saying::pong, payload);
  const auto round_trip = round_trips_.ponged(payload, loop_.kernel().now());
  const std::string name = "pong '" + one_line(as_text(payload)) + "'";
  // Those of the library's own pings are empty.
  if (!round_trip && !payload.empty()) return console_.note(name + ", which no ping asked for");
  if (!round_trip) return;
  const std::string text = name + " after " + measure::format_duration(*round_trip);
  options_.display.round_trips ? console_.tell(text) : console_.note(text);
}

// --- What is said --------------------------------------------------------------------------------

void Conversation::start_input() {
  if (std::exchange(input_started_, true)) return;
  try {
    input_.start(loop_, {.on_lines = [this](auto lines) { take_lines(std::move(lines)); },
                         .on_end = [this] { input_ended(); },
                         .on_too_long = [this] { line_too_long(); }});
  } catch (const std::system_error& error) {  // no descriptor, no thread
    complain("cannot read standard input: " + std::string(error.what()));
    leave(ExitCode::usage);
  }
}

void Conversation::take_lines(std::vector<std::string> lines) {
  waiting_.insert(waiting_.end(), std::make_move_iterator(lines.begin()),
                  std::make_move_iterator(lines.end()));
  acknowledgement_owed_ = true;
  send_waiting();
}

void Conversation::send_waiting() {
  while (!waiting_.empty() && !pausing_) {
    Connection* const open = peer();
    // Those that come too late for the last connection are dropped; else the next one gets them.
    if (open == nullptr && !options_.reconnect) waiting_.clear();
    if (open == nullptr) break;
    if (!send_line(*open, waiting_.front())) return;
    waiting_.pop_front();
  }
  acknowledge();
  if (input_ended_ && !pausing_) close_after_input();
}

// False when it has to wait for what was said before it.
bool Conversation::send_line(Connection& peer, const std::string& line) {
  const Speaker::Outcome outcome = speaker_.speak(peer, line);
  if (outcome.too_early) {
    pausing_ = true;
    loop_.run_after(std::chrono::milliseconds(1), [this] {
      pausing_ = false;
      send_waiting();
    });
    return false;
  }
  congested_ = congested_ || outcome.status == SendStatus::congested;
  for (const std::string& note : outcome.notes) console_.note(note);
  if (outcome.problem.empty()) return true;
  complain(outcome.problem);
  refused_line_ = true;
  return true;
}

void Conversation::said(Saying what, Bytes payload) {
  const auto now = loop_.kernel().now();
  if (what == Saying::close) said_close_ = close_told_ = true;
  if (what == Saying::ping) round_trips_.pinged(payload, now);
  if (what == Saying::text || what == Saying::binary) {
    round_trips_.said(now);
    ++figures_.messages_sent;
  }
  if (options_.on_utterance) options_.on_utterance(true, what, payload);
}

// Nothing more is read while the peer, or the next connection, is waited for.
void Conversation::acknowledge() {
  if (congested_ || !waiting_.empty()) return;
  if (std::exchange(acknowledgement_owed_, false)) input_.acknowledge();
}

void Conversation::drained(Connection& peer) {
  congested_ = false;
  peer.resume_reading();  // an echo waits for its queue
  acknowledge();
}

void Conversation::line_too_long() {
  complain("a line of the input is longer than " + std::to_string(max_line_size) + " bytes");
  leave(ExitCode::usage);
}

void Conversation::input_ended() {
  input_ended_ = true;
  if (waiting_.empty()) close_after_input();
}

void Conversation::close_after_input() {
  // With a number of messages to wait for, the end of the input is not the end.
  if (options_.max_messages || leaving_ || !waiting_.empty()) return;
  said_all_ = true;
  if (Connection* const open = peer()) return say_goodbye(*open);
  // Between two connections nobody is there to say good-bye to.
  if (options_.reconnect) leave(ExitCode::could_not_connect);
}

// What the server's end, however decent, has cut off; empty: nothing.
std::string Conversation::missed() const {
  if (options_.max_messages) {
    return " after " + std::to_string(figures_.messages_received) + " of " +
           std::to_string(*options_.max_messages) + " messages";
  }
  const bool unsaid = !waiting_.empty() || (!input_ended_ && input_.has_more());
  return unsaid && !said_close_ ? " before all of the input was sent" : "";
}

// --- The end -------------------------------------------------------------------------------------

void Conversation::interrupted() {
  if (!wishes_.hear(loop_.now())) return;
  if (leaving_) return end();
  leave(ExitCode::interrupted);
}

void Conversation::timed_out() {
  if (leaving_) return;
  if (!options_.max_messages) return leave(ExitCode::ok);
  complain(std::to_string(figures_.messages_received) + " of " +
           std::to_string(*options_.max_messages) + " messages came within " +
           measure::format_duration(options_.timeout));
  leave(ExitCode::threshold_missed);
}

void Conversation::leave(ExitCode code) {
  exit_ = code;
  leaving_ = true;
  if (Connection* const open = peer()) {
    say_goodbye(*open);
  } else {
    end();
  }
}

void Conversation::end() {
  if (options_.display.round_trips) {
    console_.tell("round trips of " + round_trips_.summary());
  }
  loop_.stop();
}

}  // namespace duplex::tools
