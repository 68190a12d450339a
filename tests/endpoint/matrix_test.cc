// Row R41: whatever a user does in whichever callback, nothing is used after its end, every event
// comes at most once and in order, and nothing is left behind.
#include <gtest/gtest.h>

#include <set>

#include "matrix_deeds.h"
#include "matrix_stage.h"

namespace duplex {
namespace {

const std::vector<std::string> places = {
    "authorize",    "open", "message",        "ping",  "pong", "drain",       "close",
    "request",      "gone", "exchange drain", "timer", "task", "client open", "client message",
    "client close", "head", "client failure", "body",  "done", "failure",     "stopped"};

TEST(Matrix, EveryPlaceIsReached) {
  for (const std::string& place : places) {
    MatrixStage stage(place, [](MatrixStage&, Connection*, Exchange*) {});
    stage.play();
    EXPECT_TRUE(stage.acted()) << place;
  }
}

TEST(Matrix, R40R41EveryDeedInEveryCallback) {
  for (const std::string& place : places) {
    for (const auto& [name, deed] : deeds()) {
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

TEST(Matrix, R41EveryDeedAfterADrasticOne) {
  for (const char* place : {"open", "message", "request"}) {
    for (const auto& [first_name, first] : deeds()) {
      if (!is_drastic(first_name)) continue;
      for (const auto& [second_name, second] : deeds()) {
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
