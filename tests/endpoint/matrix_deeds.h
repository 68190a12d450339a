// What a user may do in a callback: nearly every call of the public interface.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "matrix_stage.h"

namespace duplex {

inline Deed on_connection(std::function<void(Connection&)> call) {
  return [call](MatrixStage& stage, Connection* connection, Exchange*) {
    if (connection == nullptr) connection = stage.find_connection();
    if (connection != nullptr) call(*connection);
  };
}

inline Deed on_exchange(std::function<void(Exchange&)> call) {
  return [call](MatrixStage& stage, Connection*, Exchange* exchange) {
    if (exchange == nullptr) exchange = stage.find_exchange();
    if (exchange != nullptr) call(*exchange);
  };
}

inline Deed on_server(std::function<void(Server&)> call) {
  return [call](MatrixStage& stage, Connection*, Exchange*) {
    if (stage.world.server) call(*stage.world.server);
  };
}

inline Deed on_stage(std::function<void(MatrixStage&)> call) {
  return [call](MatrixStage& stage, Connection*, Exchange*) { call(stage); };
}

inline const std::string big(std::size_t{1} << 20, 'x');  // bytes

using NamedDeed = std::pair<std::string, Deed>;

inline const std::vector<NamedDeed>& deeds() {
  static const std::vector<NamedDeed> all = {
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
  return all;
}

}  // namespace duplex
