// The F rows of tests/data/frames.json, cut in every way: the result must not depend on the cuts.
#include "frame_rows.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <random>
#include <set>

#include "../support/guard_page.h"

namespace duplex::websocket {
namespace {

// The rows that need no extension; the others are in deflate_rows_test.cc.
const std::vector<Row>& frame_rows() {
  static const std::vector<Row> rows = load_frame_rows(false);
  return rows;
}

class FrameRow : public testing::TestWithParam<Row> {};

TEST_P(FrameRow, S1DoesWhatIsRequired) {
  const Row& row = GetParam();
  const Outcome outcome = run_whole(row);
  const std::string required = row.id == "F95" ? "1007" : row.required;
  EXPECT_EQ(verdict(row, outcome), required);
  const bool closed = !required.empty() && std::isdigit(required.back()) != 0;
  EXPECT_EQ(outcome.state, closed ? State::closed : State::open);
}

INSTANTIATE_TEST_SUITE_P(Table, FrameRow, testing::ValuesIn(frame_rows()), row_name);

TEST(FrameRowsTest, AreAllThere) { EXPECT_EQ(frame_rows().size(), 138U); }

TEST(FrameRowsTest, MessagesArriveUntouched) {
  for (const Row& row : frame_rows()) {
    std::string message;
    for (const support::WireFrame& frame : support::decode_frames(
             row.required == "message" && !row.bytes.empty() ? row.bytes : std::string())) {
      if (frame.opcode() < 8) message += frame.payload;
    }
    if (row.required != "message") continue;
    const Outcome outcome = run_whole(row);
    ASSERT_FALSE(outcome.events.empty()) << row.id;
    EXPECT_TRUE(outcome.events.back().ends_with(" " + message)) << row.id;
  }
}

TEST(FrameRowsTest, S2ByteByByte) {
  for (const Row& row : frame_rows()) {
    EXPECT_EQ(run(row, row_options(), [](std::size_t) { return 1; }), run_whole(row)) << row.id;
  }
}

TEST(FrameRowsTest, S3EverySplitInTwo) {
  for (const Row& row : frame_rows()) {
    if (row.bytes.size() > large) continue;
    const Outcome whole = run_whole(row);
    for (std::size_t first = 1; first < row.bytes.size(); ++first) {
      const Sizes halves = [&](std::size_t rest) {
        return rest == row.bytes.size() ? first : rest;
      };
      ASSERT_EQ(run(row, row_options(), halves), whole) << row.id << " cut at " << first;
    }
  }
}

TEST(FrameRowsTest, S4RandomSplits) {
  for (const Row& row : frame_rows()) {
    const Outcome whole = run_whole(row);
    const bool is_large = row.bytes.size() > large;
    for (unsigned seed = 1; seed <= (is_large ? 5 : random_cut_count); ++seed) {
      const std::size_t average = is_large ? 20'000 : 1 + row.bytes.size() / (1 + seed % 7);
      ASSERT_EQ(run(row, row_options(), random_sizes(seed, average)), whole)
          << row.id << " seed " << seed;
    }
  }
}

TEST(FrameRowsTest, ReceivedStraightIntoTheMessage) {
  for (const Row& row : frame_rows()) {
    if (row.bytes.size() <= large) continue;
    const Outcome whole = run_whole(row);
    for (unsigned seed = 1; seed <= 5; ++seed) {
      ASSERT_EQ(run(row, row_options(), random_sizes(seed, 20'000), Memory::of_the_message), whole)
          << row.id << " seed " << seed;
    }
  }
}

// The protocol's answers and the joined pieces are the same when fragments are delivered.
TEST(FrameRowsTest, DeliveredInPieces) {
  ProtocolOptions options = row_options();
  options.deliver_fragments = true;
  for (const Row& row : frame_rows()) {
    const Outcome whole = run_whole(row);
    const unsigned seeds = row.bytes.size() > large ? 3 : 20;
    for (unsigned seed = 1; seed <= seeds; ++seed) {
      const std::size_t average = 1 + row.bytes.size() / (1 + seed % 7);
      ASSERT_EQ(run(row, options, random_sizes(seed, average)), whole) << row.id << " " << seed;
    }
  }
}

// Without limits the lengths of F14 to F19 must do no harm either.
TEST(FrameRowsTest, WithoutLimits) {
  ProtocolOptions options;
  options.max_message_size = std::numeric_limits<std::size_t>::max();
  options.max_fragments = std::numeric_limits<std::uint32_t>::max();
  const std::set<std::string> waiting = {"F16", "F17", "F19"};
  for (const Row& row : frame_rows()) {
    const Outcome whole = run(row, options, [](std::size_t rest) { return rest; });
    const Outcome cut = run(row, options, random_sizes(7, 1 + row.bytes.size() / 5));
    EXPECT_EQ(whole, cut) << row.id;
    if (waiting.count(row.id) != 0) {
      EXPECT_EQ(verdict(row, whole), "wait") << row.id;
    } else if (row.required != "1008" && row.id != "F18" && row.id != "F38" && row.id != "F95") {
      EXPECT_EQ(verdict(row, whole), row.required) << row.id;
    }
  }
}

TEST(FrameRowsTest, S7EachReadEndsAtAGuardPage) {
  support::GuardPage guard(large);
  for (const Row& row : frame_rows()) {
    if (row.bytes.size() > large) continue;
    for (const std::size_t step : {row.bytes.size(), std::size_t{1}, std::size_t{3}}) {
      Session session(Role::server, row_options());
      for (std::size_t at = 0; at < row.bytes.size(); at += step) {
        session->receive(guard.place(std::string_view(row.bytes).substr(at, step)), session.now());
        session.take_events();
      }
      EXPECT_EQ(outcome_of(session), run_whole(row)) << row.id;
    }
  }
}

// One row behind another, when the first leaves the connection open between messages.
TEST(FrameRowsTest, S6RowsGluedTogether) {
  std::minstd_rand random(42);
  for (const Row& first : frame_rows()) {
    const Outcome before = run_whole(first);
    const bool continues = before.state == State::open && !before.mid_message && first.id != "F23";
    if (!continues || !first.end.empty() || first.bytes.size() > large) continue;
    for (int i = 0; i < 10; ++i) {
      const Row& second = frame_rows()[random() % frame_rows().size()];
      if (second.bytes.size() > large) continue;
      const Outcome after = run_whole(second);
      Lines events = before.events;
      events.insert(events.end(), after.events.begin(), after.events.end());
      const Outcome glued = run_whole({.bytes = first.bytes + second.bytes});
      EXPECT_EQ(glued.events, events) << first.id << " then " << second.id;
      EXPECT_EQ(glued.sent, before.sent + after.sent) << first.id << " then " << second.id;
    }
  }
}

}  // namespace
}  // namespace duplex::websocket
