// Row R41: whatever a user does in whichever callback, nothing is used after its end, every event
// comes at most once and in order, and nothing is left behind.
#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

#include "matrix_stage.h"

namespace duplex {
namespace {

const std::vector<std::string> places = {
    "authorize",    "open", "message",        "ping",  "pong", "drain",       "close",
    "request",      "gone", "exchange drain", "timer", "task", "client open", "client message",
    "client close", "head", "client failure", "body",  "done", "failure",     "stopped"};

Deed on_connection(std::function<void(Connection&)> call) {
  return [call](MatrixStage& stage, Connection* connection, Exchange*) {
    if (connection == nullptr) connection = stage.find_connection();
    if (connection != nullptr) call(*connection);
  };
}

Deed on_exchange(std::function<void(Exchange&)> call) {
  return [call](MatrixStage& stage, Connection*, Exchange* exchange) {
    if (exchange == nullptr) exchange = stage.find_exchange();
    if (exchange != nullptr) call(*exchange);
  };
}

Deed on_server(std::function<void(Server&)> call) {
  return [call](MatrixStage& stage, Connection*, Exchange*) {
    if (stage.world.server) call(*stage.world.server);
  };
}

Deed on_stage(std::function<void(MatrixStage&)> call) {
  return [call](MatrixStage& stage, Connection*, Exchange*) { call(stage); };
}

const std::string big(std::size_t{1} << 20, 'x');

const std::vector<std::pair<std::string, Deed>> deeds = {
    {"send", on_connection([](Connection& peer) { peer.send_text("x"); })},
    {"send big", on_connection([](Connection& peer) { peer.send_text(big); })},
    {"fragment", on_connection([](Connection& peer) {
       peer.send_fragment(Opcode::text, as_bytes(std::string_view("x")), false);
     })},
    {"ping", on_connection([](Connection& peer) { peer.ping(); })},
    {"close", on_connection([](Connection& peer) { peer.close(); })},
    {"abort", on_connection([](Connection& peer) { peer.abort(); })},
    {"pause", on_connection([](Connection& peer) { peer.pause_reading(); })},
    {"resume", on_connection([](Connection& peer) { peer.resume_reading(); })},
    {"subscribe", on_connection([](Connection& peer) { peer.subscribe("more"); })},
    {"unsubscribe", on_connection([](Connection& peer) { peer.unsubscribe("news"); })},
    {"publish", on_server([](Server& server) { server.publish("news", text_message("x")); })},
    {"broadcast", on_server([](Server& server) { server.broadcast(text_message(big)); })},
    {"respond twice", on_exchange([](Exchange& exchange) {
       exchange.respond(200, "text/plain", big);
       EXPECT_FALSE(exchange.respond(200, "text/plain", "again"));
     })},
    {"stream", on_exchange([](Exchange& exchange) {
       exchange.start_stream(200, "text/plain");
       exchange.write(big);
       exchange.finish();
     })},
    {"add a route", on_server([](Server& server) { server.get("/more", [](Exchange&) {}); })},
    {"stop", on_server([](Server& server) { server.stop(); })},
    {"stop twice", on_server([](Server& server) {
       server.stop();
       server.stop();
     })},
    {"destroy server", on_stage([](MatrixStage& stage) { stage.world.server.reset(); })},
    {"destroy client", on_stage([](MatrixStage& stage) { stage.client.reset(); })},
    {"destroy http client", on_stage([](MatrixStage& stage) { stage.http.reset(); })},
    {"connect", on_stage([](MatrixStage& stage) {
       if (stage.client) stage.client->connect("ws://127.0.0.1:80/nothing", {});
     })},
    {"request", on_stage([](MatrixStage& stage) {
       if (stage.http) stage.http->request({.url = "http://127.0.0.1:80/hello"}, {});
     })},
    {"stop loops", on_stage([](MatrixStage& stage) {
       stage.stop_loop(stage.world.server_side.loop);
       stage.stop_loop(stage.world.client_side.loop);
     })},
    {"post", on_stage([](MatrixStage& stage) { stage.world.server_side.loop.post([] {}); })},
    {"throw", on_stage([](MatrixStage&) { throw std::runtime_error("a deed"); })},
};

TEST(Matrix, EveryPlaceIsReached) {
  for (const std::string& place : places) {
    MatrixStage stage(place, [](MatrixStage&, Connection*, Exchange*) {});
    stage.play();
    EXPECT_TRUE(stage.acted()) << place;
  }
}

TEST(Matrix, EveryDeedInEveryCallback) {
  for (const std::string& place : places) {
    for (const auto& [name, deed] : deeds) {
      SCOPED_TRACE(name + " in " + place);
      MatrixStage stage(place, deed);
      stage.play();
    }
  }
}

// The deeds after which the least is left.
bool is_drastic(const std::string& name) {
  static const std::set<std::string> drastic = {
      "send big", "close", "abort", "pause", "stream", "stop", "destroy server", "destroy client"};
  return drastic.count(name) != 0;
}

TEST(Matrix, EveryDeedAfterADrasticOne) {
  for (const char* place : {"open", "message", "request"}) {
    for (const auto& [first_name, first] : deeds) {
      if (!is_drastic(first_name)) continue;
      for (const auto& [second_name, second] : deeds) {
        SCOPED_TRACE(first_name + ", then " + second_name + " in " + place);
        MatrixStage stage(place, [&one = first, &two = second](MatrixStage& at, Connection* peer,
                                                               Exchange* exchange) {
          one(at, peer, exchange);
          two(at, peer, exchange);
        });
        stage.play();
      }
    }
  }
}

}  // namespace
}  // namespace duplex
