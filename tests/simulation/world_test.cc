// The order of events, and that everything follows from the seed.
#include "simulation/world.h"

#include <gtest/gtest.h>

#include "connected.h"

namespace duplex::simulation {
namespace {

using namespace std::chrono_literals;

TEST(World, EventsRunInTheOrderOfTimeThenOfArrangement) {
  World world;
  std::string order;
  world.after(2ms, [&] { order += "c"; });
  world.after(1ms, [&] { order += "a"; });
  world.after(1ms, [&] { order += "b"; });
  EXPECT_EQ(world.next_event(), world.now() + 1ms);
  EXPECT_TRUE(world.advance());
  EXPECT_EQ(order, "ab");
  EXPECT_TRUE(world.advance());
  EXPECT_FALSE(world.advance());
  EXPECT_EQ(order, "abc");
}

TEST(World, EventArrangedByAnEventRunsInItsPlace) {
  World world;
  std::string order;
  world.after(1ms, [&] {
    order += "a";
    world.after(1ms, [&] { order += "b"; });
    world.at(world.now() - 1s, [&] { order += "!"; });
  });
  world.after(3ms, [&] { order += "c"; });
  world.advance_by(5ms);
  EXPECT_EQ(order, "a!bc");
}

TEST(World, CancelledEventDoesNotRun) {
  World world;
  bool ran = false;
  world.cancel(world.after(1ms, [&] { ran = true; }));
  world.advance_by(1s);
  EXPECT_FALSE(ran);
}

TEST(World, EventSeesItsOwnTime) {
  World world;
  net::Clock::duration seen{};
  world.after(3ms, [&] { seen = world.elapsed(); });
  world.advance_by(1s);
  EXPECT_EQ(seen, 3ms);
  EXPECT_EQ(world.elapsed(), 1s);
}

TEST(World, MayStartAnywhere) {
  World world({.start = net::Clock::time_point(std::chrono::hours(24 * 365 * 100))});
  EXPECT_EQ(world.now().time_since_epoch(), 24h * 365 * 100);
}

// A long conversation with every fault switched on.
std::uint64_t trace_of(std::uint64_t seed) {
  Connected c({.seed = seed,
               .link = {.delay = 1ms, .jitter = 1ms, .split_rate = 0.5, .loss_rate = 0.1},
               .shuffle_events = true});
  c.kernel.faults().set_rates({.short_read = 0.3, .short_write = 0.3, .again = 0.1});
  const int epoll = c.kernel.epoll_create();
  for (const int fd : {c.here, c.there}) {
    c.kernel.epoll_ctl(epoll, net::EpollOperation::add, fd,
                       {net::Ready::in, static_cast<std::uint64_t>(fd)});
  }
  plug::send(c.kernel, c.here, "ping");
  plug::send(c.kernel, c.there, "pong");
  std::array<net::Ready, 2> ready;
  for (int turn = 0; turn < 200; ++turn) {
    const int count = c.kernel.epoll_wait(epoll, ready, 10ms);
    for (int i = 0; i < count; ++i) {
      const auto fd = static_cast<int>(ready[static_cast<std::size_t>(i)].data);
      plug::send(c.kernel, fd, plug::receive(c.kernel, fd));
    }
  }
  EXPECT_GT(c.world.trace().size(), 200U);
  return c.world.trace().hash();
}

TEST(World, SameSeedGivesTheSameCallsWithTheSameResultsAtTheSameTimes) {
  EXPECT_EQ(trace_of(1), trace_of(1));
  EXPECT_EQ(trace_of(7), trace_of(7));
}

TEST(World, AnotherSeedGivesAnotherStory) { EXPECT_NE(trace_of(1), trace_of(2)); }

TEST(Trace, CanBeWatched) {
  World world;
  Kernel kernel(world, {.name = "server"});
  std::string text;
  world.trace().set_observer([&](const TraceEntry& entry) { text += to_text(entry); });
  world.advance_by(1500us);
  kernel.eventfd();
  EXPECT_EQ(text, "    1.500000 ms server: eventfd(-1) = 3");
}

TEST(Random, IsSplitmix64) {
  Random random(1234567);
  EXPECT_EQ(random.next(), 6457827717110365317U);
  EXPECT_EQ(random.next(), 3203168211198807973U);
}

TEST(Random, RatesAreKept) {
  Random random(1);
  int hits = 0;
  for (int i = 0; i < 10'000; ++i) hits += random.chance(0.25) ? 1 : 0;
  EXPECT_NEAR(hits, 2500, 150);
  EXPECT_FALSE(random.chance(0));
  EXPECT_TRUE(random.chance(1));
  EXPECT_EQ(random.below(0), 0U);
}

}  // namespace
}  // namespace duplex::simulation
