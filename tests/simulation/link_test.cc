// When bytes arrive: exactly after queueing, serialisation and delay.
#include "simulation/link.h"

#include <gtest/gtest.h>

#include "connected.h"

namespace duplex::simulation {
namespace {

using namespace std::chrono_literals;
using plug::receive;
using plug::send;

// Waits, in virtual time, until `size` bytes can be read, and says how long after `begin` that was.
std::chrono::nanoseconds arrival(Connected& c, int fd, std::size_t size,
                                 net::Clock::time_point begin) {
  while (c.kernel.find_socket(fd)->readable_size() < size) {
    if (!c.world.advance()) return -1ns;
  }
  return c.world.now() - begin;
}

TEST(Link, ByteArrivesAfterTheDelayAndNotBefore) {
  Connected c({.link = {.delay = 5ms}});
  send(c.kernel, c.here, "x");
  c.world.advance_by(5ms - 1ns);
  EXPECT_EQ(receive(c.kernel, c.there), "EAGAIN");
  c.world.advance_by(1ns);
  EXPECT_EQ(receive(c.kernel, c.there), "x");
}

TEST(Link, BytesTakeTheirTimeOnTheWire) {
  Connected c({.link = {.delay = 5ms, .bytes_per_second = 1000}});
  const auto begin = c.world.now();
  send(c.kernel, c.here, std::string(100, 'x'));
  EXPECT_EQ(arrival(c, c.there, 100, begin), 105ms);
}

TEST(Link, SecondMessageQueuesBehindTheFirst) {
  Connected c({.link = {.delay = 5ms, .bytes_per_second = 1000}});
  const auto begin = c.world.now();
  send(c.kernel, c.here, std::string(100, 'x'));
  c.world.advance_by(10ms);
  send(c.kernel, c.here, std::string(50, 'x'));
  EXPECT_EQ(arrival(c, c.there, 150, begin), 155ms);
}

TEST(Link, IdleWireIsFreeAtOnce) {
  Connected c({.link = {.bytes_per_second = 1000}});
  send(c.kernel, c.here, std::string(100, 'x'));
  c.world.advance_by(1s);
  const auto begin = c.world.now();
  send(c.kernel, c.here, std::string(100, 'x'));
  EXPECT_EQ(arrival(c, c.there, 200, begin), 100ms);
}

TEST(Link, SegmentsArriveOneByOneAndPayForTheirHeaders) {
  Connected c({.link = {.bytes_per_second = 1000, .segment_size = 60, .segment_overhead = 40}});
  const auto begin = c.world.now();
  send(c.kernel, c.here, std::string(120, 'x'));
  EXPECT_EQ(arrival(c, c.there, 60, begin), 100ms);
  EXPECT_EQ(arrival(c, c.there, 120, begin), 200ms);
}

TEST(Link, SerialisationIsRoundedUpToWholeNanoseconds) {
  Connected c({.link = {.bytes_per_second = 3'000'000'000}});
  const auto begin = c.world.now();
  send(c.kernel, c.here, "x");
  EXPECT_EQ(arrival(c, c.there, 1, begin), 1ns);
}

TEST(Link, DirectionsDiffer) {
  Connected c({.link = {.delay = 1ms}});
  c.kernel.link(c.here)->toward_client().set_options({.delay = 7ms});
  auto begin = c.world.now();
  send(c.kernel, c.here, "x");
  EXPECT_EQ(arrival(c, c.there, 1, begin), 1ms);
  begin = c.world.now();
  send(c.kernel, c.there, "x");
  EXPECT_EQ(arrival(c, c.here, 1, begin), 7ms);
}

TEST(Link, WorldAndProcessSetTheLinksOfNewConnections) {
  World world;
  world.set_link({.delay = 1ms}, {.delay = 2ms});
  Kernel kernel(world);
  net::Address address = plug::loopback();
  plug::listen(kernel, address);
  const int first = kernel.socket(address.family());
  kernel.connect(first, address);
  kernel.set_link({.delay = 3ms});
  const int second = kernel.socket(address.family());
  kernel.connect(second, address);
  EXPECT_EQ(kernel.link(first)->toward_server().options().delay, 1ms);
  EXPECT_EQ(kernel.link(first)->toward_client().options().delay, 2ms);
  EXPECT_EQ(kernel.link(second)->toward_client().options().delay, 3ms);
  EXPECT_EQ(world.links().size(), 2U);
  EXPECT_EQ(kernel.link(first), world.links()[0].get());
}

TEST(Link, ShorterDelayLetsNothingOvertake) {
  Connected c({.link = {.delay = 10ms}});
  const auto begin = c.world.now();
  send(c.kernel, c.here, "first ");
  c.kernel.link(c.here)->set_options({.delay = 1ms});
  send(c.kernel, c.here, "second");
  EXPECT_EQ(arrival(c, c.there, 1, begin), 10ms);
  EXPECT_EQ(receive(c.kernel, c.there), "first second");
}

TEST(Link, JitterVariesTheDelayAndKeepsTheOrder) {
  Connected c({.link = {.delay = 1ms, .jitter = 1ms, .segment_size = 1}});
  const auto begin = c.world.now();
  send(c.kernel, c.here, "abcdefgh");
  const auto first = arrival(c, c.there, 1, begin);
  const auto last = arrival(c, c.there, 8, begin);
  EXPECT_GE(first, 1ms);
  EXPECT_GT(last, first);
  EXPECT_LE(last, 2ms);
  EXPECT_EQ(receive(c.kernel, c.there), "abcdefgh");
}

TEST(Link, SplitsCanBeSeenOneByOne) {
  Connected c({.link = {.split_rate = 1}});
  send(c.kernel, c.here, "abcdefghijklmnop");
  std::string whole;
  int pieces = 0;
  while (whole.size() < 16 && c.world.advance()) {
    const std::string piece = receive(c.kernel, c.there);
    if (piece == "EAGAIN") continue;
    ++pieces;
    whole += piece;
  }
  EXPECT_EQ(whole, "abcdefghijklmnop");
  EXPECT_GT(pieces, 1);
}

TEST(Link, LossIsLateness) {
  Connected c;
  c.kernel.link(c.here)->toward_server().set_options({.loss_rate = 1});
  const auto begin = c.world.now();
  send(c.kernel, c.here, "x");
  EXPECT_EQ(arrival(c, c.there, 1, begin), 200ms);
}

TEST(Link, BlackHoleSwallowsWhatIsUnderWayUntilItHeals) {
  Connected c({.link = {.delay = 5ms}});
  send(c.kernel, c.here, "before ");
  c.world.advance_by(1ms);
  c.kernel.link(c.here)->block();
  EXPECT_TRUE(c.kernel.link(c.here)->blocked());
  send(c.kernel, c.here, "during ");
  c.world.advance_by(1s);
  EXPECT_EQ(receive(c.kernel, c.there), "EAGAIN");
  EXPECT_EQ(c.world.bytes_in_flight(), 14U);
  send(c.kernel, c.here, "just before the end");
  c.world.advance_by(1ms);
  c.kernel.link(c.here)->unblock();
  EXPECT_EQ(receive(c.kernel, c.there), "before during ");
  c.world.advance_by(4ms);
  EXPECT_EQ(receive(c.kernel, c.there), "just before the end");
  EXPECT_EQ(c.world.bytes_in_flight(), 0U);
}

// The answer to a SYN refers to the server's socket, and that to the link which holds it up.
TEST(Link, WhatABlackHoleHoldsGoesWithTheWorld) {
  std::weak_ptr<Link> link;
  {
    Connected c({.link = {.delay = 5ms}});
    net::Address address;
    c.kernel.local_address(c.listener, address);
    c.kernel.connect(c.kernel.socket(address.family()), address);
    link = c.world.links().back();
    link.lock()->toward_client().block();
    c.world.advance_by(1s);
  }
  EXPECT_TRUE(link.expired());
}

TEST(Link, BlackHoleOfOneDirection) {
  Connected c;
  c.kernel.link(c.here)->toward_server().block();
  send(c.kernel, c.here, "x");
  send(c.kernel, c.there, "y");
  EXPECT_EQ(receive(c.kernel, c.there), "EAGAIN");
  EXPECT_EQ(receive(c.kernel, c.here), "y");
}

TEST(Link, WorldIsQuietWhenNothingIsUnderWay) {
  Connected c({.link = {.delay = 5ms}});
  c.world.advance_by(1s);
  EXPECT_TRUE(c.world.is_quiet());
  send(c.kernel, c.here, "x");
  EXPECT_FALSE(c.world.is_quiet());
  c.world.advance_by(5ms);
  EXPECT_FALSE(c.world.is_quiet());  // the acknowledgement
  c.world.advance_by(5ms);
  EXPECT_TRUE(c.world.is_quiet());
}

TEST(Link, ManyClosedConnectionsAreForgotten) {
  World world;
  Kernel kernel(world);
  net::Address address = plug::loopback();
  const int listener = plug::listen(kernel, address);
  for (int i = 0; i < 100; ++i) {
    const int fd = kernel.socket(address.family());
    kernel.connect(fd, address);
    kernel.close(kernel.accept(listener, nullptr));
    kernel.close(fd);
  }
  world.settle();
  EXPECT_TRUE(world.links().empty());
  EXPECT_EQ(world.orphan_count(), 0U);
}

}  // namespace
}  // namespace duplex::simulation
