// Any bytes as what a server says to a Socket.IO client, over polling and WebSocket; other bytes
// are what the client's user does in its handlers. Every socket comes before it goes again, every
// question is answered once, and nobody is left behind.
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "../events/client_deeds.h"
#include "decisions.h"
#include "target.h"

namespace duplex::fuzz {
namespace {

using events::ClientActorStage;
using std::chrono::milliseconds;

constexpr std::string_view open_packet =
    R"(0{"sid":"s","upgrades":["websocket"],"pingInterval":300,"pingTimeout":200})";

// Answers when the bytes say so, and whatever they say.
class HostileServer {
 public:
  HostileServer(ClientActorStage& stage, Decisions& decisions);

  void step();
  // Whoever still waits is answered.
  void finish();

 private:
  Server& server() { return *stage_.world.server; }
  void answer(std::deque<ExchangeId>& waiting, std::string_view body);
  // The newest, as a rule: older ones are those of connections that are gone.
  Connection* socket();
  void say(std::string_view text);
  void leave(bool at_once);

  ClientActorStage& stage_;
  Decisions& decisions_;
  std::deque<ExchangeId> polls_ = {};
  std::deque<ExchangeId> posts_ = {};
  std::deque<ConnectionId> sockets_ = {};
  bool takes_sockets_ = true;
};

HostileServer::HostileServer(ClientActorStage& stage, Decisions& decisions)
    : stage_(stage), decisions_(decisions) {
  const auto keep = [](std::deque<ExchangeId>& waiting) {
    return [&waiting](Exchange& exchange) { waiting.push_back(exchange.id()); };
  };
  server().get("/socket.io/", keep(polls_));
  server().post("/socket.io/", keep(posts_));
  WebSocketHandlers handlers;
  handlers.on_open = [this](Connection& connection, const http::Request&) {
    sockets_.push_back(connection.id());
  };
  WebSocketOptions options = {.deflate = websocket::DeflateOptions{.threshold = 1}};
  options.authorize = [this](const http::Request&) { return takes_sockets_ ? 101 : 400; };
  server().websocket("/socket.io/", std::move(handlers), std::move(options));
}

void HostileServer::answer(std::deque<ExchangeId>& waiting, std::string_view body) {
  while (!waiting.empty()) {
    Exchange* const exchange = server().find(waiting.front());
    waiting.pop_front();
    if (exchange == nullptr) continue;
    exchange->respond(200, "text/plain; charset=UTF-8", body);
    return stage_.run_for(milliseconds(5));
  }
}

Connection* HostileServer::socket() {
  while (!sockets_.empty() && server().find(sockets_.back()) == nullptr) sockets_.pop_back();
  return sockets_.empty() ? nullptr : server().find(sockets_.back());
}

void HostileServer::say(std::string_view text) {
  if (Connection* const connection = socket()) connection->send_text(text);
  stage_.run_for(milliseconds(5));
}

void HostileServer::leave(bool at_once) {
  Connection* const connection = socket();
  if (connection == nullptr) return;
  at_once ? connection->abort() : connection->close(CloseCode::going_away);
  stage_.run_for(milliseconds(5));
}

void HostileServer::step() {
  enum : std::uint8_t {
    open,
    let_in,
    event,
    text,
    bytes,
    take_post,
    fail,
    leave_it,
    sockets,
    wait
  };
  switch (decisions_.below(wait + 1)) {
    case open:
      answer(polls_, open_packet);
      return say(open_packet);
    case let_in:
      answer(polls_, R"(40{"sid":"x","pid":"p"})");
      return say(R"(40{"sid":"x","pid":"p"})");
    case event: {
      const std::string packet = "42" + std::string(decisions_.text());
      answer(polls_, packet);
      return say(packet);
    }
    case text:
      return decisions_.chance() ? answer(polls_, decisions_.text()) : say(decisions_.text());
    case bytes:
      if (Connection* const connection = socket()) {
        connection->send_binary(as_bytes(decisions_.text()));
      }
      return stage_.run_for(milliseconds(5));
    case take_post:
      return answer(posts_, "ok");
    case fail:
      if (!posts_.empty()) return answer(posts_, decisions_.text());
      return answer(polls_, decisions_.text());
    case leave_it:
      return leave(decisions_.chance());
    case sockets:
      takes_sockets_ = decisions_.chance();
      return;
    default:
      return stage_.run_for(milliseconds(5) * decisions_.byte());
  }
}

void HostileServer::finish() {
  stage_.run_for(milliseconds(10));  // what is under way
  while (!polls_.empty()) answer(polls_, "6");
  while (!posts_.empty()) answer(posts_, "ok");
}

events::SocketClientOptions take_options(Decisions& decisions) {
  using events::Transport;
  events::SocketClientOptions options = ClientActorStage::usual_options();
  const std::uint8_t choice = decisions.byte();
  if ((choice & 1) != 0) options.engine.transports = {Transport::websocket};
  if ((choice & 2) != 0) options.engine.transports.push_back(Transport::polling);
  options.engine.try_all_transports = (choice & 4) != 0;
  options.remember_upgrade = (choice & 8) != 0;
  if ((choice & 16) != 0) options.engine.deflate = websocket::DeflateOptions{.threshold = 1};
  if ((choice & 32) != 0) options.parser = socketio::Parser::msgpack;
  return options;
}

void run(std::string_view input) {
  Decisions decisions(input);
  events::SocketClientOptions options = take_options(decisions);
  events::ClientSocketOptions retries;
  if (decisions.chance()) retries = {.ack_timeout = milliseconds(50), .retries = 2};
  Occasions occasions(decisions.text());
  static const events::ClientDeeds deeds = events::all_client_deeds();
  ClientActorStage stage([&](ClientActorStage& at, const std::string&, events::ClientSocket* on) {
    const auto what = occasions.take();
    if (!what) return;
    const auto index = static_cast<std::ptrdiff_t>(*what % deeds.size());
    std::next(deeds.begin(), index)->second(at, on);
  });
  HostileServer server(stage, decisions);
  stage.connect(std::move(options));
  stage.open("/", std::move(retries));
  stage.open("/d");
  stage.ask(stage.client->of("/"), "question", "answer");
  stage.run_for(milliseconds(10));
  while (!decisions.over()) server.step();
  stage.client.reset();
  server.finish();
  stage.end();
}

const Registration registration({"socket_client", run});

}  // namespace
}  // namespace duplex::fuzz
