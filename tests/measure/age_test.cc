// Age of information and freshness from recorded deliveries, against areas drawn by hand.
#include "measure/age.h"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace duplex::measure {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using Deliveries = std::vector<Delivery>;
using Instants = std::vector<nanoseconds>;

TEST(AgeOfInformation, IsTheAreaOfTheSawtooth) {
  // Held from 1 s on: generated at 0; from 3 s on: generated at 2. Age 1..3, then 1..2.
  const Deliveries deliveries{{1s, 0s}, {3s, 2s}};
  const AgeReport age = age_of_information(deliveries, {0s, 4s});
  EXPECT_NEAR(age.mean.count(), (2 * 2.0 + 1 * 1.5) / 3, 1e-12);
  EXPECT_EQ(age.mean_peak, 3s);
  EXPECT_EQ(age.max_peak, 3s);
  EXPECT_EQ(age.refreshes, 2u);
  EXPECT_EQ(age.ignored, 0u);
}

TEST(AgeOfInformation, PeriodicPushIsHalfAPeriodAndTheWay) {
  Deliveries deliveries;
  for (int i = 0; i < 100; ++i) deliveries.push_back({i * 250ms + 20ms, i * 250ms});
  const AgeReport age = age_of_information(deliveries, {20ms, 99 * 250ms + 20ms});
  EXPECT_NEAR(age.mean.count(), 0.125 + 0.02, 1e-9);
  EXPECT_NEAR(age.mean_peak.count(), 0.27, 1e-9);
  EXPECT_EQ(age.max_peak, 270ms);
}

TEST(AgeOfInformation, IgnoresWhatDoesNotRaiseTheNewest) {
  const Deliveries plain{{1s, 0s}, {3s, 2s}};
  const Deliveries repeated{{1s, 0s}, {2s, 0s}, {3s, 2s}, {3500ms, 1s}};
  const AgeReport age = age_of_information(repeated, {0s, 4s});
  EXPECT_EQ(age.mean, age_of_information(plain, {0s, 4s}).mean);
  EXPECT_EQ(age.refreshes, 2u);
  EXPECT_EQ(age.ignored, 2u);
}

TEST(AgeOfInformation, EarlierDeliveriesSetWhatIsHeldAtTheBegin) {
  const Deliveries deliveries{{1s, 0s}, {1500ms, 0s}, {2s, 1s}, {12s, 11s}, {30s, 29s}};
  const AgeReport age = age_of_information(deliveries, {10s, 14s});
  // Age 9..11 until 12 s, then 1..3.
  EXPECT_NEAR(age.mean.count(), (2 * 10 + 2 * 2) / 4.0, 1e-12);
  EXPECT_EQ(age.mean_peak, 11s);
  EXPECT_EQ(age.refreshes, 1u);
  EXPECT_EQ(age.ignored, 0u);
}

TEST(AgeOfInformation, OfNothingIsZero) {
  const AgeReport nothing = age_of_information({}, {0s, 1s});
  EXPECT_EQ(nothing.mean, 0s);
  EXPECT_EQ(nothing.mean_peak, 0s);
  const Deliveries at_the_end{{1s, 0s}};
  const AgeReport late = age_of_information(at_the_end, {0s, 1s});
  EXPECT_EQ(late.mean, 0s);
  EXPECT_EQ(late.refreshes, 1u);
}

TEST(BinaryFreshness, IsTheShareOfTimeWithTheNewestValue) {
  const Instants generated{1s, 4s};
  const Deliveries deliveries{{2s, 1s}, {6s, 4s}};
  // Stale from 1 to 2 and from 4 to 6.
  EXPECT_DOUBLE_EQ(binary_freshness(deliveries, generated, {0s, 10s}), 0.7);
  EXPECT_DOUBLE_EQ(binary_freshness(deliveries, generated, {5s, 7s}), 0.5);
}

TEST(BinaryFreshness, EventsAfterTheLastDeliveryMakeItStale) {
  const Instants generated{1s, 4s, 20s};
  const Deliveries deliveries{{1s, 1s}};
  EXPECT_DOUBLE_EQ(binary_freshness(deliveries, generated, {0s, 10s}), 0.4);
}

TEST(BinaryFreshness, LateDeliveryOfAnOldValueDoesNotReplaceTheNewer) {
  const Instants generated{1s, 2s};
  const Deliveries deliveries{{2s, 2s}, {3s, 1s}};
  EXPECT_DOUBLE_EQ(binary_freshness(deliveries, generated, {2s, 10s}), 1);
}

TEST(BinaryFreshness, NothingGeneratedIsFresh) { EXPECT_EQ(binary_freshness({}, {}, {0s, 1s}), 1); }

TEST(DeliveryCounts, TellSeenMissedRepeatedAndUnknownApart) {
  const Instants generated{1s, 2s, 3s, 4s};
  const Deliveries deliveries{{2s, 1s}, {3s, 1s}, {4s, 3s}, {5s, 2500ms}, {6s, 9s}};
  const DeliveryCounts counts = count_deliveries(deliveries, generated);
  EXPECT_EQ(counts.seen, 2u);
  EXPECT_EQ(counts.missed, 2u);
  EXPECT_EQ(counts.duplicates, 1u);
  EXPECT_EQ(counts.unknown, 2u);
  EXPECT_EQ(counts.coherence(), 0.5);
}

TEST(DeliveryCounts, NothingGeneratedIsCoherent) {
  EXPECT_EQ(count_deliveries({}, {}).coherence(), 1);
}

TEST(AgeSawtooth, BeginsWithWhatIsHeldAndDropsWithEachNewerEvent) {
  const std::vector<Delivery> deliveries = {
      {.received = 1s, .generated = 500ms},  {.received = 2s, .generated = 1s},
      {.received = 4s, .generated = 3s},     {.received = 5s, .generated = 2s},
      {.received = 6s, .generated = 5500ms}, {.received = 9s, .generated = 8s}};
  const auto teeth = age_sawtooth(deliveries, {.begin = 3s, .end = 8s});
  ASSERT_EQ(teeth.size(), 3U);
  EXPECT_DOUBLE_EQ(teeth[0].at.count(), 0);
  EXPECT_DOUBLE_EQ(teeth[0].age.count(), 2);
  EXPECT_DOUBLE_EQ(teeth[1].at.count(), 1);
  EXPECT_DOUBLE_EQ(teeth[1].age.count(), 1);
  EXPECT_DOUBLE_EQ(teeth[2].at.count(), 3);
  EXPECT_DOUBLE_EQ(teeth[2].age.count(), 0.5);
  EXPECT_TRUE(age_sawtooth({}, {.begin = 3s, .end = 8s}).empty());
}

}  // namespace
}  // namespace duplex::measure
