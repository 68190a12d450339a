// What the lanes of a race cost: how the kernel's figures are shared out.
#include "../../tools/duplex/lab/lane_usage.h"

#include <gtest/gtest.h>

namespace duplex::tools::lab {
namespace {

using Lane = std::shared_ptr<LaneUsage>;

endpoint::ExchangeId exchange(std::uint32_t slot, std::uint32_t request = 1) {
  return {.connection = {.slot = slot, .generation = 1}, .request = request};
}

// A connection over which `in` bytes came in one segment, and `out` bytes left in one.
net::TcpInfo after(std::uint64_t in, std::uint64_t out, std::uint32_t polls,
                   std::uint32_t bare = 0) {
  return {.segments_sent = polls,
          .segments_received = polls + bare,
          .data_segments_sent = polls,
          .data_segments_received = polls,
          .bytes_sent = out,
          .bytes_received = in};
}

TEST(LaneUsage, ARequestIsItsOwnLanesAndWhatLeftTheLastOnes) {
  WireLedger ledger;
  const Lane a = std::make_shared<LaneUsage>();
  const Lane b = std::make_shared<LaneUsage>();
  ledger.note(exchange(1, 1), after(500, 0, 0), a);
  ledger.note(exchange(1, 2), after(900, 80, 1, 3), b);  // the page asks for another lane
  EXPECT_EQ(a->requests, 1U);
  EXPECT_EQ(a->bytes_received, 0U);  // its first request came with whatever was before
  EXPECT_EQ(a->bytes_sent, 80U);
  EXPECT_EQ(a->data_segments, 1U);
  EXPECT_EQ(a->bare_segments, 3U);
  EXPECT_EQ(b->bytes_received, 400U);
  EXPECT_EQ(b->bytes_sent, 0U);
  EXPECT_EQ(b->data_segments, 1U);
}

TEST(LaneUsage, AReadingAddsWhatIsNew) {
  WireLedger ledger;
  const Lane lane = std::make_shared<LaneUsage>();
  ledger.note(exchange(1), after(500, 130, 1), lane);
  ledger.refresh(exchange(1).connection, after(500, 330, 5, 2));
  ledger.refresh(exchange(1).connection, after(500, 330, 5, 2));
  ledger.refresh(exchange(2).connection, after(9, 9, 9));  // of which nobody knows
  EXPECT_EQ(lane->bytes_sent, 200U);
  EXPECT_EQ(lane->data_segments, 8U);
  EXPECT_EQ(lane->bare_segments, 2U);
}

TEST(LaneUsage, CountersOf32BitsMayWrap) {
  WireLedger ledger;
  const Lane lane = std::make_shared<LaneUsage>();
  ledger.note(exchange(1), {.segments_sent = 0xffffffff, .data_segments_sent = 0xffffffff}, lane);
  ledger.refresh(exchange(1).connection, {.segments_sent = 3, .data_segments_sent = 1});
  EXPECT_EQ(lane->data_segments, 2U);
  EXPECT_EQ(lane->bare_segments, 2U);
}

TEST(LaneUsage, TheConnectionThatRestedLongestIsForgotten) {
  WireLedger ledger(2);
  const Lane lane = std::make_shared<LaneUsage>();
  ledger.note(exchange(1), {}, lane);
  ledger.note(exchange(2), {}, lane);
  ledger.note(exchange(1, 2), {}, lane);
  ledger.note(exchange(3), {}, lane);
  std::vector<std::uint32_t> slots;
  ledger.for_each_of(lane.get(),
                     [&](const endpoint::ExchangeId& id) { slots.push_back(id.connection.slot); });
  EXPECT_EQ(slots, (std::vector<std::uint32_t>{1, 3}));
}

}  // namespace
}  // namespace duplex::tools::lab
