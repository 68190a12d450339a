// What a client of Socket.IO weighs in memory; `make bench` measures the whole.
#include "../support/allocations.h"
#include "../support/socket_world.h"
#include "events/engine_session.h"
#include "events/socket_core.h"
#include "events/socket_link.h"

namespace duplex::events {
namespace {

using support::SocketWorld;

TEST(Footprint, AClientIsAFewSmallObjects) {
  if (sizeof(void*) != 8) GTEST_SKIP() << "counted for 64 bits";
  EXPECT_LE(sizeof(EngineSession::Impl), 296U);
  EXPECT_LE(sizeof(SocketLink), 152U);
  EXPECT_LE(sizeof(SocketCore), 280U);
  EXPECT_LE(sizeof(http::OwnedRequest), 88U);
}

class FootprintTest : public SocketWorld {
 protected:
  // Bytes that a client more takes, of both sides.
  std::size_t bytes_of_one() {
    const std::size_t before = support::live_allocation_size();
    clients_.push_back(peer());
    clients_.back()->join();
    return support::live_allocation_size() - before;
  }

  std::vector<std::unique_ptr<support::Peer>> clients_;
};

TEST_F(FootprintTest, HandlersOfANamespaceCostNothingForEach) {
  serve();
  clients_.reserve(32);
  for (int i = 0; i < 20; ++i) bytes_of_one();  // what grows by doubling has room now
  const std::size_t bare = bytes_of_one();
  for (int i = 0; i < 100; ++i) io_->of("/").on("event" + std::to_string(i), [](Socket&) {});
  EXPECT_LT(bytes_of_one(), bare + 100);  // malloc gives a block whose rest is small as a whole
}

}  // namespace
}  // namespace duplex::events
