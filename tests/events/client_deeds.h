// What a user of a Socket.IO client may do in whichever handler.
#pragma once

#include <map>
#include <stdexcept>
#include <string>

#include "client_actor_stage.h"

namespace duplex::events {

using ClientDeeds = std::map<std::string, ClientDeed>;

inline void remove_handlers(SocketClient& client, ClientSocket& socket) {
  socket.off("hello").off("number").off("ask me").off_any().off_any_outgoing();
  socket.on_error({}).on_connect({}).on_connect_error({}).on_disconnect({});
  client.on_reconnect_attempt({}).on_reconnect({}).on_reconnect_failed({});
}

// What is done with the socket itself; the one of "/" where a handler has none.
inline ClientDeeds deeds_of_client_socket() {
  return {
      {"emit", [](auto&, ClientSocket* socket) { socket->emit("x", 1); }},
      {"emit bytes", [](auto&, ClientSocket* socket) { socket->emit("x", as_bytes("b")); }},
      {"emit what may be dropped",
       [](auto&, ClientSocket* socket) { socket->droppable().compress(false).emit("x"); }},
      {"ask", [](auto& at, ClientSocket* socket) { at.ask(*socket, "question", "answer"); }},
      {"disconnect", [](auto&, ClientSocket* socket) { socket->disconnect(); }},
      {"connect", [](auto&, ClientSocket* socket) { socket->connect(); }},
      {"come again",
       [](auto&, ClientSocket* socket) {
         socket->disconnect();
         socket->connect();
       }},
      {"renew auth", [](auto&, ClientSocket* socket) { socket->set_auth(Json("no object")); }},
      {"listen",
       [](auto&, ClientSocket* socket) { socket->on("hello", [] {}).on_any([](auto, auto) {}); }},
      {"remove handlers",
       [](auto& at, ClientSocket* socket) { remove_handlers(*at.client, *socket); }}};
}

inline ClientDeeds deeds_of_client() {
  return {{"nothing", [](auto&, auto*) {}},
          {"destroy", [](auto& at, auto*) { at.client.reset(); }},
          {"close", [](auto& at, auto*) { at.client->disconnect(); }},
          {"another namespace", [](auto& at, auto*) { at.open("/new"); }},
          {"renew the token",
           [](auto& at, auto*) {
             at.client->set_query("token=b");
             at.client->set_fields({{"X-Token", "b"}});
           }},
          {"throw", [](auto&, auto*) { throw std::runtime_error("a handler"); }}};
}

inline ClientDeeds all_client_deeds() {
  ClientDeeds deeds;
  for (const auto& [name, deed] : deeds_of_client()) {
    deeds[name] = [deed = deed](ClientActorStage& at, ClientSocket* socket) {
      if (at.client != nullptr) deed(at, socket);
    };
  }
  for (const auto& [name, deed] : deeds_of_client_socket()) {
    deeds[name] = [deed = deed](ClientActorStage& at, ClientSocket* socket) {
      if (at.client != nullptr) deed(at, socket != nullptr ? socket : &at.client->of("/"));
    };
  }
  return deeds;
}

}  // namespace duplex::events
