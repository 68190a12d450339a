// One WebSocket between a server and stdin and stdout.
#include "conversation.h"

#include <array>
#include <csignal>
#include <string_view>
#include <system_error>
#include <utility>

#include "../command.h"
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

// 1000, 1001 and 1005 are how conversations end; from 3000 on the application has its own words.
ExitCode exit_for(const CloseEvent& event) {
  if (event.violation != websocket::Violation::none) return ExitCode::protocol_violation;
  const auto code = static_cast<unsigned>(event.code);
  if (code == 1006) return ExitCode::could_not_connect;
  if (code == 1000 || code == 1001 || code == 1005 || code >= 3000) return ExitCode::ok;
  return ExitCode::protocol_violation;
}

std::string describe(const CloseEvent& event) {
  std::string text = "closed with " + std::to_string(static_cast<unsigned>(event.code));
  if (!event.reason.empty()) text += " (" + printable(event.reason) + ")";
  if (event.violation != websocket::Violation::none) {
    text += ": " + std::string(websocket::describe(event.violation));
  }
  if (event.error) text += ": " + event.error.message();
  return text;
}

Written show_message(LineMode mode, Message message) {
  const bool as_hex = mode == LineMode::hex && message.opcode == Opcode::binary;
  if (as_hex) return print(hex_text(message.payload) + '\n');
  return print((is_terminal(1) ? printable(message.text()) : std::string(message.text())) + '\n');
}

}  // namespace

Conversation::Conversation(EventLoop& loop, ConversationOptions options)
    : loop_(loop), options_(std::move(options)), client_(loop, client_options(options_)) {}

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
      .on_pong =
          [this](Connection&, Bytes) {
            note("pong after " + measure::format_duration(net::Clock::now() - pinged_));
          },
      .on_drain =
          [this](Connection&) {
            if (std::exchange(acknowledgement_owed_, false)) input_->acknowledge();
          },
      .on_close = [this](Connection&, const CloseEvent& event) { closed(event); }};
  return handlers;
}

void Conversation::note(const std::string& text) const {
  if (!options_.quiet && is_terminal(2)) complain(text);
}

void Conversation::opened(Connection& peer) {
  std::string text = "connected to " + options_.url;
  if (!peer.subprotocol().empty()) text += ", speaking " + std::string(peer.subprotocol());
  note(text + (options_.echo ? "; Ctrl-C closes" : "; Ctrl-D closes"));
  if (options_.ping_interval.count() > 0) ping_again();
  if (!options_.echo) read_input();
}

void Conversation::read_input() {
  StdinReader::Handlers handlers = {
      .on_lines = [this](auto lines) { send_lines(std::move(lines)); },
      .on_end = [this] { input_ended(); },
      .on_too_long = [this] { line_too_long(); }};
  try {
    input_.emplace(loop_, std::move(handlers));
  } catch (const std::system_error& error) {  // no descriptor, no thread
    complain("duplex connect: cannot read standard input: " + std::string(error.what()));
    leave(ExitCode::usage);
  }
}

void Conversation::failed(const OpeningFailure& failure) {
  complain("duplex connect: " + options_.url + ": " + failure.message);
  std::string_view body = failure.body;
  while (body.ends_with('\n')) body.remove_suffix(1);
  if (!body.empty()) complain(printable(body));
  exit_ = ExitCode::could_not_connect;
  loop_.stop();
}

void Conversation::received(Connection& peer, Message message) {
  if (leaving_) return;
  if (options_.echo) {
    peer.send(message);
  } else if (const Written written = show_message(options_.mode, message);
             written != Written::yes) {
    return leave(written == Written::no ? ExitCode::usage : ExitCode::ok);
  }
  if (options_.max_messages && ++received_ == *options_.max_messages) leave(ExitCode::ok);
}

// What the server's end, however decent, has cut off; empty: nothing.
std::string Conversation::missed() const {
  if (options_.max_messages) {
    return " after " + std::to_string(received_) + " of " + std::to_string(*options_.max_messages) +
           " messages";
  }
  return input_ && input_->has_more() ? " before all of the input was sent" : "";
}

void Conversation::closed(const CloseEvent& event) {
  loop_.stop();
  // Whoever leaves first is not interested in how the other one takes it.
  if (leaving_) return note(describe(event));
  const std::string cut = missed();
  exit_ = exit_for(event);
  if (exit_ == ExitCode::ok && !cut.empty()) {
    exit_ = options_.max_messages ? ExitCode::threshold_missed : ExitCode::usage;
  }
  if (exit_ == ExitCode::ok) return note(describe(event));
  complain("duplex connect: " + describe(event) + cut);
}

void Conversation::leave(ExitCode code) {
  exit_ = code;
  leaving_ = true;
  if (Connection* const open = peer()) {
    open->close();
  } else {
    loop_.stop();
  }
}

void Conversation::interrupted() {
  if (!wishes_.hear(loop_.now())) return;
  if (leaving_) return loop_.stop();
  leave(ExitCode::interrupted);
}

void Conversation::timed_out() {
  if (leaving_) return;
  if (!options_.max_messages) return leave(ExitCode::ok);
  complain("duplex connect: " + std::to_string(received_) + " of " +
           std::to_string(*options_.max_messages) + " messages came within " +
           measure::format_duration(options_.timeout));
  leave(ExitCode::threshold_missed);
}

void Conversation::ping_again() {
  loop_.run_after(options_.ping_interval, [this] {
    Connection* const open = peer();
    if (open == nullptr) return;
    pinged_ = net::Clock::now();
    open->ping();
    ping_again();
  });
}

// --- Input ---------------------------------------------------------------------------------------

SendStatus Conversation::send_line(Connection& peer, const std::string& line) {
  if (options_.mode == LineMode::text) return peer.send_text(line);
  if (options_.mode == LineMode::binary) return peer.send_binary(as_bytes(line));
  const auto bytes = parse_hex(line);
  if (bytes) return peer.send_binary(*bytes);
  refuse_line("'" + line + "' is not hexadecimal; write two digits a byte: 01 ab ff");
  return SendStatus::ok;
}

void Conversation::refuse_line(const std::string& why) {
  complain("duplex connect: " + why);
  refused_line_ = true;
}

void Conversation::send_lines(std::vector<std::string> lines) {
  SendStatus status = SendStatus::ok;
  for (const std::string& line : lines) {
    Connection* const open = peer();
    if (open == nullptr) break;
    status = send_line(*open, line);
    if (status == SendStatus::refused && open->is_open()) {
      refuse_line("not sent: too large, or not UTF-8 (see --binary)");
    }
  }
  if (status == SendStatus::congested) {
    acknowledgement_owed_ = true;
  } else {
    input_->acknowledge();
  }
}

void Conversation::line_too_long() {
  complain("duplex connect: a line of the input is longer than " + std::to_string(max_line_size) +
           " bytes");
  leave(ExitCode::usage);
}

void Conversation::input_ended() {
  // With a number of messages to wait for, the end of the input is not the end.
  if (options_.max_messages || leaving_) return;
  if (Connection* const open = peer()) open->close();
}

}  // namespace duplex::tools
