// Round trips of messages and pings, and instants as text.
#include "../../tools/duplex/connect/round_trips.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <ctime>

#include "../../tools/duplex/connect/clock_text.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;
using Time = RoundTrips::Time;

TEST(RoundTrips, EachMessageAnswersTheOldest) {
  RoundTrips trips;
  EXPECT_EQ(trips.answered(Time(1ms)), std::nullopt);
  trips.said(Time(1ms));
  trips.said(Time(2ms));
  EXPECT_EQ(trips.answered(Time(5ms)), 4ms);
  EXPECT_EQ(trips.answered(Time(5ms)), 3ms);
  EXPECT_EQ(trips.answered(Time(5ms)), std::nullopt);
  EXPECT_EQ(trips.replies().total(), 2);
}

TEST(RoundTrips, APongAnswersItsPingAndThoseBefore) {
  RoundTrips trips;
  trips.pinged(as_bytes("a"), Time(1ms));
  trips.pinged(as_bytes("b"), Time(2ms));
  trips.pinged(as_bytes("c"), Time(3ms));
  EXPECT_EQ(trips.ponged(as_bytes("x"), Time(4ms)), std::nullopt);
  EXPECT_EQ(trips.ponged(as_bytes("b"), Time(4ms)), 2ms);
  EXPECT_EQ(trips.ponged(as_bytes("a"), Time(4ms)), std::nullopt);
  EXPECT_EQ(trips.ponged(as_bytes("c"), Time(8ms)), 5ms);
}

TEST(RoundTrips, NothingIsWaitedForAcrossConnections) {
  RoundTrips trips;
  trips.said(Time(1ms));
  trips.pinged({}, Time(1ms));
  trips.forget();
  EXPECT_EQ(trips.answered(Time(2ms)), std::nullopt);
  EXPECT_EQ(trips.ponged({}, Time(2ms)), std::nullopt);
}

TEST(RoundTrips, SumsUpWithUnits) {
  RoundTrips trips;
  EXPECT_EQ(trips.summary(), "no replies; no pongs");
  for (const auto time : {10500us, 20500us, 30500us}) {
    trips.said(Time(0ms));
    trips.answered(Time(time));
  }
  trips.pinged({}, Time(0ms));
  trips.ponged({}, Time(10ms));
  EXPECT_EQ(trips.summary(), "3 replies: 10.5 ms to 30.5 ms, median 20.5 ms; 1 pong: 10.0 ms");
}

TEST(ClockText, IsOfOurZoneOrOfNone) {
  setenv("TZ", "XYZ-02:30", 1);
  tzset();
  const WallTime time{1'700'000'000'000'042us};
  EXPECT_EQ(utc_text(time), "2023-11-14T22:13:20.000042Z");
  EXPECT_EQ(time_of_day(time), "00:43:20.000042");
  unsetenv("TZ");
  tzset();
}

}  // namespace
}  // namespace duplex::tools
