// Row R41 for Socket.IO: whatever a user does in whichever handler, nothing is used after its end,
// every socket comes and goes once, and nobody is left behind.
#include <set>

#include "socket_matrix_stage.h"

namespace duplex::events {
namespace {

using Named = std::map<std::string, SocketDeed>;

const std::vector<std::string> places = {"allow session",   "connection error",
                                         "matches",         "middleware",
                                         "connection",      "room create",
                                         "room join",       "room leave",
                                         "room remove",     "namespace event",
                                         "namespace error", "namespace disconnect",
                                         "filter",          "any",
                                         "any outgoing",    "error",
                                         "drain",           "disconnect",
                                         "event",           "once",
                                         "answer",          "time-out",
                                         "answers"};

// What is done with the socket itself.
Named deeds_of_socket() {
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
Named deeds_of_server() {
  const auto with_io = [](const std::function<void(SocketServer&)>& deed) -> SocketDeed {
    return [deed](SocketMatrixStage& stage, Socket*) {
      if (stage.io) deed(*stage.io);
    };
  };
  return {
      {"emit to all", with_io([](SocketServer& io) { io.emit("x"); })},
      {"ask all", with_io([](SocketServer& io) { io.emit("x", [](const AckReply&) {}); })},
      {"disconnect all",
       with_io([](SocketServer& io) { io.everybody().disconnect_sockets(true); })},
      {"all leave", with_io([](SocketServer& io) { io.everybody().sockets_leave("lobby"); })},
      {"all join", with_io([](SocketServer& io) { io.everybody().sockets_join("more"); })},
      {"fetch", with_io([](SocketServer& io) { io.everybody().fetch_sockets([](auto) {}); })},
      {"another namespace", with_io([](SocketServer& io) { io.of("/new").off("hello"); })},
      {"close", with_io([](SocketServer& io) { io.close(); })},
      {"destroy", [](SocketMatrixStage& stage, Socket*) { stage.io.reset(); }},
      {"stop the server", [](SocketMatrixStage& stage, Socket*) { stage.world.server->stop({}); }},
      {"go on twice",
       [](SocketMatrixStage& stage, Socket*) {
         if (stage.next) stage.next({});
       }},
      {"refuse late", [](SocketMatrixStage& stage, Socket*) {
         if (stage.next) stage.next(Refusal{"no"});
       }}};
}

Named all_deeds() {
  Named deeds = deeds_of_server();
  for (const auto& [name, deed] : deeds_of_socket()) {
    deeds[name] = [deed = deed](SocketMatrixStage& stage, Socket* socket) {
      if (socket != nullptr) deed(stage, socket);
    };
  }
  return deeds;
}

TEST(SocketMatrix, EveryPlaceIsReached) {
  for (const std::string& place : places) {
    SocketMatrixStage stage(place, [](SocketMatrixStage&, Socket*) {});
    stage.play();
    EXPECT_TRUE(stage.acted()) << place;
  }
}

TEST(SocketMatrix, R41EveryDeedInEveryHandler) {
  for (const std::string& place : places) {
    for (const auto& [name, deed] : all_deeds()) {
      SCOPED_TRACE(name + " in " + place);
      SocketMatrixStage stage(place, deed);
      stage.play();
    }
  }
}

// A reference is valid until the handler returns, whatever has become of its server.
TEST(SocketMatrix, R41EveryDeedAfterADrasticOne) {
  const Named deeds = all_deeds();
  for (const char* const place :
       {"middleware", "connection", "event", "any outgoing", "disconnect"}) {
    for (const char* const drastic : {"disconnect", "disconnect all of it", "close", "destroy"}) {
      for (const auto& [name, deed] : deeds) {
        const SocketDeed& second = deed;
        SCOPED_TRACE(std::string(drastic) + ", then " + name + " in " + place);
        SocketMatrixStage stage(place, [&](SocketMatrixStage& at, Socket* socket) {
          deeds.at(drastic)(at, socket);
          second(at, socket);
        });
        stage.play();
      }
    }
  }
}

}  // namespace
}  // namespace duplex::events
