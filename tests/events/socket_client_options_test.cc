// What a Socket.IO client may be told of its connections: what is compressed, what they begin with,
// what their requests say, and when they count as ones that last.
#include "client_stage.h"
#include "duplex/http/target.h"

namespace duplex::events {
namespace {

class SocketClientOptionsTest : public ClientStage {
 protected:
  // Keeps the query, a field and the transport of each session that is opened, and lets it in.
  void record(EngineOptions options = {}) {
    options.path = "/socket.io/";
    EngineHandlers handlers;
    handlers.on_open = [this](EngineSession& session, const http::Request& request) {
      session_ = session.sid();
      seen_ += http::query_parameter(request.query, "token").value_or("-") + ' ' +
               std::string(request.fields.find("X-Token").value_or("-")) + ' ' +
               (session.transport() == Transport::polling ? "polling " : "websocket ");
    };
    handlers.on_message = [this](EngineSession& session, const engineio::Packet& packet) {
      if (!packet.text.starts_with("0")) return;
      session.send_text(R"(0{"sid":"x"})");
      if (drops_) session.close();
    };
    engine_.emplace(*world_.server, std::move(handlers), std::move(options));
  }
  // It is opened again meanwhile.
  void cut_connection() {
    lose_connection();
    run_for(milliseconds(1020));
  }
  std::string seen() { return std::exchange(seen_, {}); }
  // Milliseconds from each loss to the next attempt.
  void watch_delays() {
    const auto now = [this] { return world_.client_side.loop.now(); };
    client_->of("/").on_disconnect([=, this](auto&&...) { lost_at_ = now(); });
    client_->on_reconnect_attempt([=, this](std::size_t) {
      const auto time = std::chrono::duration_cast<milliseconds>(now() - lost_at_);
      delays_ += std::to_string(time.count()) + ' ';
    });
  }
  std::string delays() { return std::exchange(delays_, {}); }

  bool drops_ = false;  // whom it has let in
  std::string seen_;
  net::Clock::time_point lost_at_ = {};
  std::string delays_;
};

// --- What is compressed --------------------------------------------------------------------------

TEST_F(SocketClientOptionsTest, CompressesWhatMayBe) {
  const websocket::DeflateOptions deflate = {.threshold = 10, .context_takeover = true};
  EngineOptions server;
  server.deflate = deflate;
  record(std::move(server));
  SocketClientOptions options = websocket_only();
  options.engine.deflate = deflate;
  ClientSocket& socket = connect(std::move(options));
  run_for(milliseconds(20));
  const std::string text(3000, 'x');
  const auto cost_of = [&](const auto& emit) {
    const auto before = world_.server->stats().bytes_received;
    emit();
    run_for(milliseconds(20));
    return world_.server->stats().bytes_received - before;
  };
  EXPECT_LT(cost_of([&] { socket.emit("a", text); }), 200U);
  EXPECT_GT(cost_of([&] { socket.compress(false).emit("a", text); }), 3000U);
  EXPECT_GT(cost_of([&] { socket.timeout(seconds(9)).compress(false).emit("a", text); }), 3000U);
  EXPECT_GT(cost_of([&] { socket.compress(false).emit("a", as_bytes(text)); }), 3000U);
  EXPECT_LT(cost_of([&] { socket.compress(false).compress(true).emit("a", text); }), 200U);
}

TEST_F(SocketClientOptionsTest, RemembersForAnEventThatWaitsThatItIsNotCompressed) {
  EngineOptions server;
  server.deflate = websocket::DeflateOptions{.threshold = 10};
  record(std::move(server));
  SocketClientOptions options = websocket_only();
  options.engine.deflate = websocket::DeflateOptions{.threshold = 10};
  for (const bool sends_again : {false, true}) {
    ClientSocketOptions socket_options;
    if (sends_again) socket_options.retries = 3;
    ClientSocket& socket = connect(options, std::move(socket_options));
    const auto before = world_.server->stats().bytes_received;
    socket.compress(false).emit("a", std::string(3000, 'x'));
    run_for(milliseconds(20));
    EXPECT_GT(world_.server->stats().bytes_received - before, 3000U) << sends_again;
  }
}

TEST_F(SocketClientOptionsTest, CompressesNoMessageOfEngineIoThatMayNotBe) {
  EngineOptions server;
  server.deflate = websocket::DeflateOptions{.threshold = 10};
  record(std::move(server));
  EngineClientOptions options;
  options.path = "/socket.io/";
  options.transports = {Transport::websocket};
  options.deflate = websocket::DeflateOptions{.threshold = 10};
  EngineClient client(world_.client_side.loop, "http://127.0.0.1", {}, std::move(options));
  run_for(milliseconds(20));
  for (const bool is_bytes : {false, true}) {
    const auto before = world_.server->stats().bytes_received;
    client.send({.content = std::string(3000, 'x'), .is_bytes = is_bytes, .compress = false});
    run_for(milliseconds(20));
    EXPECT_GT(world_.server->stats().bytes_received - before, 3000U) << is_bytes;
  }
}

}  // namespace
}  // namespace duplex::events
