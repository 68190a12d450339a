// What a connection weighs in memory; `make bench` measures the whole.
#include <gtest/gtest.h>

#include "endpoint/peer.h"
#include "endpoint/web_socket_phase.h"

namespace duplex::endpoint {
namespace {

// The allocator of glibc hands out 16 n + 8 bytes: one byte more costs sixteen.
TEST(Footprint, AnIdleWebSocketIsTwoSmallObjects) {
  if (sizeof(void*) != 8) GTEST_SKIP() << "counted for 64 bits";
  EXPECT_LE(sizeof(WebSocketPhase), 168U);
  EXPECT_LE(sizeof(Peer), 152U);
}

}  // namespace
}  // namespace duplex::endpoint
