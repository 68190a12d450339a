// What a user of a Socket.IO server may do in whichever handler.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "socket_stage.h"

namespace duplex::events {

using SocketDeeds = std::map<std::string, SocketDeed>;

// What is done with the socket itself.
inline SocketDeeds deeds_of_socket() {
  return {{"emit", [](auto&, Socket* socket) { socket->emit("x", 1); }},
          {"ask", [](auto&, Socket* socket) { socket->emit("x", [](const AckReply&) {}); }},
          {"broadcast", [](auto&, Socket* socket) { socket->broadcast().emit("x"); }},
          {"join", [](auto&, Socket* socket) { socket->join("another"); }},
          {"leave", [](auto&, Socket* socket) { socket->leave("lobby"); }},
          {"listen", [](auto&, Socket* socket) { socket->on("hello", [] {}).on_any({}); }},
          {"off", [](auto&, Socket* socket) { socket->off("hello"); }},
          {"disconnect", [](auto&, Socket* socket) { socket->disconnect(); }},
          {"disconnect all of it", [](auto&, Socket* socket) { socket->disconnect(true); }},
          {"forget", [](auto&, Socket* socket) { socket->data().reset(); }}};
}

// What is done with the server, the client or the world.
inline SocketDeeds deeds_of_server() {
  const auto with_io = [](const std::function<void(SocketServer&)>& deed) -> SocketDeed {
    return [deed](SocketStage& stage, Socket*) {
      if (stage.io) deed(*stage.io);
    };
  };
  return {{"emit to all", with_io([](SocketServer& io) { io.emit("x"); })},
          {"ask all", with_io([](SocketServer& io) { io.emit("x", [](const AckReply&) {}); })},
          {"disconnect all",
           with_io([](SocketServer& io) { io.everybody().disconnect_sockets(true); })},
          {"all leave", with_io([](SocketServer& io) { io.everybody().sockets_leave("lobby"); })},
          {"all join", with_io([](SocketServer& io) { io.everybody().sockets_join("more"); })},
          {"fetch", with_io([](SocketServer& io) { io.everybody().fetch_sockets([](auto) {}); })},
          {"another namespace", with_io([](SocketServer& io) { io.of("/new").off("hello"); })},
          {"close", with_io([](SocketServer& io) { io.close(); })},
          {"destroy", [](SocketStage& stage, Socket*) { stage.io.reset(); }},
          {"stop the server", [](SocketStage& stage, Socket*) { stage.world.server->stop({}); }},
          {"go on twice",
           [](SocketStage& stage, Socket*) {
             if (stage.next) stage.next({});
           }},
          {"refuse late", [](SocketStage& stage, Socket*) {
             if (stage.next) stage.next(Refusal{"no"});
           }}};
}

inline SocketDeeds all_deeds() {
  SocketDeeds deeds = deeds_of_server();
  for (const auto& [name, deed] : deeds_of_socket()) {
    deeds[name] = [deed = deed](SocketStage& stage, Socket* socket) {
      if (socket != nullptr) deed(stage, socket);
    };
  }
  return deeds;
}

}  // namespace duplex::events
