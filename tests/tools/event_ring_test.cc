// The newest events of the feed.
#include "../../tools/duplex/serve/event_ring.h"

#include <gtest/gtest.h>

namespace duplex::tools {
namespace {

EventRing ring_of(std::size_t capacity, std::size_t count) {
  EventRing ring(capacity);
  for (std::size_t i = 1; i <= count; ++i) EXPECT_EQ(ring.push("e" + std::to_string(i)), i);
  return ring;
}

TEST(EventRing, KeepsLargeEventsWithinBounds) {
  EXPECT_EQ(ring_capacity(4096, 64), 4096U);
  EXPECT_EQ(ring_capacity(4096, std::size_t{16} << 20), 16U);
  EXPECT_EQ(ring_capacity(4096, std::size_t{1} << 30), 1U);
  EXPECT_EQ(ring_capacity(100'000'000, 0), std::size_t{4} << 20);
  EXPECT_EQ(ring_capacity(0, 64), 1U);
}

TEST(EventRing, IsEmptyAtFirst) {
  const EventRing ring(4);
  EXPECT_EQ(ring.newest(), 0U);
  EXPECT_EQ(ring.oldest(), 0U);
  EXPECT_EQ(ring.first_after(0), 1U);
  EXPECT_EQ(ring.first_after(9), 1U);
  EXPECT_EQ(ring.lines(1, 0), "");
}

TEST(EventRing, GivesWhatIsNewToTheReader) {
  const EventRing ring = ring_of(4, 3);
  EXPECT_EQ(ring.first_after(0), 1U);
  EXPECT_EQ(ring.lines(ring.first_after(1), ring.newest()), "e2\ne3\n");
  EXPECT_EQ(ring.first_after(3), 4U);
  EXPECT_EQ(ring.lines(4, 3), "");
}

TEST(EventRing, CutsWhereThereIsTooMuch) {
  const EventRing ring = ring_of(4, 10);  // three bytes a line, four for the last
  EXPECT_EQ(ring.last_within(7, 10, 100), 10U);
  EXPECT_EQ(ring.last_within(7, 9, 100), 9U);
  EXPECT_EQ(ring.last_within(7, 10, 13), 10U);
  EXPECT_EQ(ring.last_within(7, 10, 12), 9U);
  EXPECT_EQ(ring.last_within(7, 10, 6), 8U);
  EXPECT_EQ(ring.last_within(7, 10, 5), 7U);
  EXPECT_EQ(ring.last_within(8, 10, 0), 8U);
}

TEST(EventRing, ForgetsTheOldest) {
  const EventRing ring = ring_of(4, 10);
  EXPECT_EQ(ring.oldest(), 7U);
  EXPECT_EQ(ring.newest(), 10U);
  EXPECT_EQ(ring.line(7), "e7");
  EXPECT_EQ(ring.first_after(2), 7U);
  EXPECT_EQ(ring.lines(7, 8), "e7\ne8\n");
}

TEST(EventRing, GivesEverythingToAReaderFromAnotherLife) {
  EXPECT_EQ(ring_of(4, 10).first_after(500), 7U);
}

TEST(EventRing, HoldsAtLeastOne) {
  const EventRing ring = ring_of(0, 3);
  EXPECT_EQ(ring.oldest(), 3U);
  EXPECT_EQ(ring.line(3), "e3");
}

}  // namespace
}  // namespace duplex::tools
