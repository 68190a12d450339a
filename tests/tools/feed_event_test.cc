// The events of the feed as text.
#include "../../tools/duplex/feed_event.h"

#include <gtest/gtest.h>

#include <vector>

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

TEST(FeedEvent, IsPaddedToItsSize) {
  const FeedEvent event = {.id = 7, .generated = 100ns, .emitted = 150ns};
  EXPECT_EQ(encode_event(event, 16, "abcdefghijklmnop"), "7 100 150 abcdef");
  EXPECT_EQ(encode_event(event, 10, "abcdefghij"), "7 100 150 ");
  EXPECT_EQ(encode_event(event, 9, "abcdefghi"), "7 100 150");
  EXPECT_EQ(encode_event(event, 0, ""), "7 100 150");
}

TEST(FeedEvent, ReadsBackWhatItWrote) {
  const FeedEvent event = {.id = 18'000'000'000'000'000'000U, .generated = 5s, .emitted = -1ns};
  for (const std::size_t size : {0U, 60U, 200U}) {
    EXPECT_EQ(decode_event(encode_event(event, size, std::string(size, 'x'))), event);
  }
}

TEST(FeedEvent, RefusesOtherLines) {
  for (const auto* line : {"", "x", "1", "1 2", "1 2 ", "1,2,3", "1 2 3x", "-1 2 3", "1 2 y"}) {
    EXPECT_EQ(decode_event(line), std::nullopt) << line;
  }
}

// A peer may write what it likes; times are added and taken off each other later.
TEST(FeedEvent, RefusesTimesThatNoClockShows) {
  const std::string furthest = std::to_string(furthest_stamp.count());
  const std::string further = std::to_string(furthest_stamp.count() + 1);
  for (const std::string sign : {"", "-"}) {
    EXPECT_NE(decode_event("1 " + sign + furthest + " " + sign + furthest), std::nullopt);
    EXPECT_EQ(decode_event("1 " + sign + further + " 2"), std::nullopt);
    EXPECT_EQ(decode_event("1 2 " + sign + further), std::nullopt);
    EXPECT_EQ(decode_event("1 2 " + sign + "9223372036854775807"), std::nullopt);
  }
}

TEST(FeedEvent, WalksLinesWithoutEmptyOnes) {
  std::vector<std::string> lines;
  for_each_line("a\n\nbc\nd", [&lines](std::string_view line) { lines.emplace_back(line); });
  EXPECT_EQ(lines, (std::vector<std::string>{"a", "bc", "d"}));
}

}  // namespace
}  // namespace duplex::tools
