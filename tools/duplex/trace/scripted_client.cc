// Messages, a ping, Close.
#include "scripted_client.h"

#include <array>
#include <csignal>
#include <utility>

#include "../connect/message_text.h"

namespace duplex::tools::trace {

ScriptedClient::ScriptedClient(EventLoop& loop, Script script)
    : loop_(loop), script_(std::move(script)), client_(loop) {}

void ScriptedClient::start() {
  loop_.on_signal(std::array{SIGINT, SIGTERM}, [this](int) { interrupted(); });
  id_ = client_.connect(script_.url, handlers(), script_.connect);
}

ClientHandlers ScriptedClient::handlers() {
  ClientHandlers handlers;
  handlers.on_failure = [this](const OpeningFailure& failure) {
    problem_ = failure.message;
    exit_ = ExitCode::could_not_connect;
    loop_.stop();
  };
  handlers.websocket = {
      .on_open =
          [this](Connection&, const http::Request&) {
            opened_ = true;
            next();
          },
      .on_message = [this](Connection&, Message) { next(); },
      .on_pong = [this](Connection&, Bytes) { next(); },
      .on_close = [this](Connection&, const CloseEvent& event) { closed(event); }};
  return handlers;
}

void ScriptedClient::next() {
  Connection* const peer = client_.find(id_);
  if (peer == nullptr || !peer->is_open()) return;
  loop_.cancel(timer_);
  const std::size_t index = said_++;
  if (index < script_.messages.size()) {
    const std::string& message = script_.messages[index];
    if (peer->send_text(message) == SendStatus::refused) peer->send_binary(as_bytes(message));
    return wait();
  }
  if (index == script_.messages.size() && script_.ping) {
    peer->ping(as_bytes("duplex"));
    return wait();
  }
  peer->close(script_.code);
}

void ScriptedClient::wait() {
  timer_ = loop_.run_after(script_.patience, [this] { next(); });
}

void ScriptedClient::closed(const CloseEvent& event) {
  if (event.violation != websocket::Violation::none) {
    problem_ = websocket::describe(event.violation);
    exit_ = ExitCode::protocol_violation;
  } else if (event.code == CloseCode::abnormal_closure) {
    problem_ = event.error ? event.error.message() : "the connection ended without a Close frame";
    exit_ = ExitCode::could_not_connect;
  }
  loop_.stop();
}

void ScriptedClient::interrupted() {
  exit_ = ExitCode::interrupted;
  Connection* const peer = client_.find(id_);
  if (peer == nullptr || !peer->is_open()) return loop_.stop();
  peer->close(CloseCode::going_away);
}

}  // namespace duplex::tools::trace
