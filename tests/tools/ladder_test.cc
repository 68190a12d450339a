// Frames that are followed by stamps: matched by their bytes; and that Linux stamps them.
#include "../../tools/duplex/bench/ladder.h"

#include <gtest/gtest.h>

#include "../../tools/duplex/bench/ladder_bench.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

// All of its steps but those of the reader, 1 µs apart.
SentPiece piece(std::uint64_t end, nanoseconds called) {
  SentPiece piece = {.end = end, .called = called};
  piece.stamp(LadderStep::scheduled, called + 1us);
  piece.stamp(LadderStep::sent, called + 2us);
  piece.stamp(LadderStep::acknowledged, called + 12us);
  return piece;
}

ReadPiece read(std::uint64_t end, nanoseconds called) {
  return {.end = end, .received = called + 3us, .delivered = called + 9us};
}

TEST(Ladder, SplitsTheWayOfAFrame) {
  const SentPieces sent = {{7, {piece(100, 0us), piece(120, 50us)}}};
  const ReadPieces reads = {{7, {read(100, 0us), read(120, 50us)}}};
  const Ladder ladder = make_ladder(sent, reads);
  EXPECT_EQ(ladder.frames, 1U);  // the first piece is the answer to the opening
  EXPECT_EQ(ladder.dropped, 0U);
  const std::array<double, ladder_step_count> at = {1e-6, 2e-6, 3e-6, 9e-6, 12e-6};
  const std::array<double, ladder_step_count> took = {1e-6, 1e-6, 1e-6, 6e-6, 10e-6};
  for (std::size_t i = 0; i < ladder_step_count; ++i) {
    EXPECT_DOUBLE_EQ(ladder.rows[i].at_p50, at[i]) << ladder_step_names[i];
    EXPECT_DOUBLE_EQ(ladder.rows[i].at_p99, at[i]) << ladder_step_names[i];
    EXPECT_DOUBLE_EQ(ladder.rows[i].took_p50, took[i]) << ladder_step_names[i];
  }
  EXPECT_EQ(ladder_table(ladder).row_count(), ladder_step_count);
  EXPECT_EQ(ladder_note(ladder),
            "ladder: 1 WebSocket frames over loopback by SO_TIMESTAMPING; 0 could not be "
            "followed\n");
}

TEST(Ladder, LeavesOutWhatWasReadTogetherOrNotStamped) {
  SentPiece lost = {.end = 180, .called = 90us};
  const SentPieces sent = {{7, {piece(100, 0us), piece(120, 50us), piece(140, 51us), lost}},
                           {8, {piece(10, 0us), piece(20, 5us)}}};
  const ReadPieces reads = {{7, {read(100, 0us), read(140, 51us), read(180, 90us)}}};
  const Ladder ladder = make_ladder(sent, reads);
  EXPECT_EQ(ladder.frames, 1U);
  EXPECT_EQ(ladder.dropped, 3U);
}

TEST(Ladder, KeepsTheFirstStampOfAStep) {
  SentPiece sent = piece(1, 0us);
  sent.stamp(LadderStep::sent, 200ms);
  EXPECT_EQ(sent.steps[1], 2us);
}

TEST(Ladder, SaysThatNothingWasStamped) {
  EXPECT_EQ(ladder_table({}).row_count(), 0U);
  EXPECT_EQ(ladder_note(Ladder{}), "ladder: the kernel stamps no packets here\n");
  EXPECT_EQ(ladder_note(std::nullopt), "");
}

// Whatever the machine does meanwhile: the order of the steps is Linux's.
TEST(Ladder, FollowsFramesOverLoopback) {
  const Ladder ladder = measure_ladder({.frames = 50, .rate = 200});
  if (ladder.frames == 0) GTEST_SKIP() << "this kernel stamps no packets";
  EXPECT_GE(ladder.frames + ladder.dropped, 1U);  // a late loop sends several at once
  for (std::size_t i = 0; i < ladder_step_count; ++i) {
    EXPECT_GT(ladder.rows[i].at_p50, 0) << ladder_step_names[i];
    EXPECT_LE(ladder.rows[i].at_p50, ladder.rows[i].at_p99) << ladder_step_names[i];
    EXPECT_GE(ladder.rows[i].took_p50, 0) << ladder_step_names[i];
  }
}

}  // namespace
}  // namespace duplex::tools
