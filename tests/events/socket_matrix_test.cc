// Row R41 for Socket.IO: whatever a user does in whichever handler, nothing is used after its end,
// every socket comes and goes once, and nobody is left behind.
#include "socket_deeds.h"
#include "socket_matrix_stage.h"

namespace duplex::events {
namespace {

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

TEST(SocketMatrix, EveryPlaceIsReached) {
  for (const std::string& place : places) {
    SocketMatrixStage stage(place, [](SocketStage&, Socket*) {});
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
  const SocketDeeds deeds = all_deeds();
  for (const char* const place :
       {"middleware", "connection", "event", "any outgoing", "disconnect"}) {
    for (const char* const drastic : {"disconnect", "disconnect all of it", "close", "destroy"}) {
      for (const auto& [name, deed] : deeds) {
        const SocketDeed& second = deed;
        SCOPED_TRACE(std::string(drastic) + ", then " + name + " in " + place);
        SocketMatrixStage stage(place, [&](SocketStage& at, Socket* socket) {
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
