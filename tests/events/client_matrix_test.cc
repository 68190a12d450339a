// Row R41 for Socket.IO's client: whatever a user does in whichever handler, nothing is used after
// its end, every socket comes before it goes again, and nobody is left behind.
#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "client_deeds.h"
#include "duplex/events/engine_server.h"

namespace duplex::events {
namespace {

using std::chrono::milliseconds;

const std::vector<std::string> places = {
    "auth",     "connect",   "connect error", "disconnect",        "error",
    "any",      "event",     "once",          "any outgoing",      "answer",
    "time-out", "no answer", "reconnect",     "reconnect attempt", "reconnect failed"};

// A scene that goes through every handler.
class ClientMatrixStage : public ClientActorStage {
 public:
  // Does `deed` the first time that the handler `place` runs.
  ClientMatrixStage(const std::string& place, const ClientDeed& deed)
      : ClientActorStage(
            [this, place, deed](ClientActorStage& at, const std::string& here, ClientSocket* on) {
              if (here == place && !std::exchange(acted_, true)) deed(at, on);
            }) {
    serve();
  }

  void play(Transport transport);
  bool acted() const noexcept { return acted_; }

 private:
  void serve();
  void hear(EngineSession& session, std::string packet);
  void say(std::string_view packet) {
    if (EngineSession* const session = engine_->find(sid_)) session->send_text(packet);
    run_for(milliseconds(20));
  }
  void lose_connection() {
    if (EngineSession* const session = engine_->find(sid_)) session->close();
    run_for(milliseconds(300));
  }
  void ask(const std::string& event) {
    if (client != nullptr) ClientActorStage::ask(client->of("/"), event, "answer");
  }

  std::optional<EngineServer> engine_;
  std::string sid_;
  bool acted_ = false;
};

void ClientMatrixStage::serve() {
  EngineHandlers handlers;
  handlers.on_open = [this](EngineSession& session, const http::Request&) { sid_ = session.sid(); };
  handlers.on_message = [this](EngineSession& session, const engineio::Packet& packet) {
    if (!packet.bytes) hear(session, std::string(packet.text));
  };
  engine_.emplace(*world.server, std::move(handlers), EngineOptions{.path = "/socket.io/"});
}

// Lets everybody in but one, and answers one of the questions.
void ClientMatrixStage::hear(EngineSession& session, std::string packet) {
  if (packet.starts_with("0/refused")) return session.send_text(R"(4/refused,{"message":"no"})");
  if (packet.starts_with("0/new")) return session.send_text(R"(0/new,{"sid":"y"})");
  if (packet.starts_with("0")) return session.send_text(R"(0{"sid":"x"})");
  const std::size_t name = packet.find(R"(["question"])");
  if (name != std::string::npos) session.send_text("3" + packet.substr(1, name - 1) + "[1]");
}

void ClientMatrixStage::play(Transport transport) {
  SocketClientOptions options = usual_options();
  options.engine.transports = {transport, Transport::websocket};
  connect(std::move(options));
  open("/");
  open("/refused");
  ask("question");
  run_for(milliseconds(100));
  for (const char* const packet : {R"(20["hello"])", R"(2["ask me"])", R"(2["number","one"])",
                                   R"(2["hello"])", R"(21["nobody listens"])"}) {
    say(packet);
  }
  ask("silence");
  run_for(milliseconds(100));
  ask("silence");
  lose_connection();
  say(R"(2["hello"])");
  engine_.reset();
  run_for(milliseconds(2000));
  end();
}

TEST(ClientMatrix, EveryPlaceIsReached) {
  for (const std::string& place : places) {
    ClientMatrixStage stage(place, [](ClientActorStage&, ClientSocket*) {});
    stage.play(Transport::polling);
    EXPECT_TRUE(stage.acted()) << place;
    EXPECT_EQ(stage.thrown, 0) << place;
  }
}

TEST(ClientMatrix, R41EveryDeedInEveryHandler) {
  for (const Transport transport : {Transport::polling, Transport::websocket}) {
    for (const std::string& place : places) {
      for (const auto& [name, deed] : all_client_deeds()) {
        SCOPED_TRACE(name + " in " + place);
        ClientMatrixStage stage(place, deed);
        stage.play(transport);
        EXPECT_EQ(stage.thrown, name == "throw" ? 1 : 0);
      }
    }
  }
}

TEST(ClientMatrix, R41EveryDeedAfterADrasticOne) {
  const ClientDeeds deeds = all_client_deeds();
  for (const std::string& place : places) {
    for (const char* const drastic : {"disconnect", "close", "come again", "remove handlers"}) {
      for (const auto& [name, deed] : deeds) {
        const ClientDeed& second = deed;
        SCOPED_TRACE(std::string(drastic) + ", then " + name + " in " + place);
        ClientMatrixStage stage(place, [&](ClientActorStage& at, ClientSocket* socket) {
          deeds.at(drastic)(at, socket);
          second(at, socket);
        });
        stage.play(Transport::websocket);
      }
    }
  }
}

}  // namespace
}  // namespace duplex::events
