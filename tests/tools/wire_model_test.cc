// The link in virtual time: what becomes of each packet, and when it arrives.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "../../tools/duplex/wire/delay_line.h"
#include "../../tools/duplex/wire/link_model.h"
#include "measure/statistics.h"

namespace duplex::tools::wire {
namespace {

using namespace std::chrono_literals;

LinkOptions link_of(std::string_view settings) {
  LinkOptions link;
  EXPECT_EQ(set_all(link, settings), "");
  return link;
}

// The way of `count` packets of `size` bytes, one every `gap`.
std::vector<Passage> send_many(const LinkOptions& link, std::size_t count, Nanoseconds gap,
                               std::size_t size = 100, std::uint64_t seed = 1) {
  LinkModel model(link, seed);
  std::vector<Passage> passages;
  for (std::size_t i = 0; i < count; ++i) {
    passages.push_back(model.pass(gap * static_cast<std::int64_t>(i), size));
  }
  return passages;
}

std::size_t count_of(const std::vector<Passage>& passages, Fate fate) {
  return static_cast<std::size_t>(
      std::count_if(passages.begin(), passages.end(),
                    [fate](const Passage& passage) { return passage.fate == fate; }));
}

// Milliseconds from sending to arrival, of what was sent every `gap`.
std::vector<double> delays_of(const std::vector<Passage>& passages, Nanoseconds gap) {
  std::vector<double> delays;
  for (std::size_t i = 0; i < passages.size(); ++i) {
    const auto delay = passages[i].arrivals[0] - gap * static_cast<std::int64_t>(i);
    delays.push_back(std::chrono::duration<double, std::milli>(delay).count());
  }
  return delays;
}

// Lengths of the runs of lost packets.
std::vector<double> loss_runs(const std::vector<Passage>& passages) {
  std::vector<double> runs;
  double run = 0;
  for (const Passage& passage : passages) {
    if (passage.fate == Fate::lost) {
      ++run;
    } else if (run > 0) {
      runs.push_back(std::exchange(run, 0));
    }
  }
  return runs;
}

// Five standard deviations of a share drawn `count` times.
double tolerance(double share, double count) { return 5 * std::sqrt(share * (1 - share) / count); }

TEST(WireModel, DelaysEachPacketExactly) {
  for (const Passage& passage : send_many(link_of("delay=20ms"), 1, 0ns)) {
    EXPECT_EQ(passage.fate, Fate::carried);
    EXPECT_EQ(passage.arrival_count, 1U);
    EXPECT_EQ(passage.arrivals[0], 20ms);
  }
}

TEST(WireModel, JitterHasItsMeanAndDeviationInEachShape) {
  for (const std::string shape : {"normal", "uniform", "pareto"}) {
    const auto link = link_of("delay=60ms,jitter=4ms,order=free,shape=" + shape);
    const auto delays = delays_of(send_many(link, 20'000, 1ms), 1ms);
    EXPECT_NEAR(measure::mean(delays), 60, 5 * 4 / std::sqrt(20'000.0)) << shape;
    EXPECT_NEAR(measure::stddev(delays), 4, shape == "pareto" ? 1 : 0.1) << shape;
  }
}

TEST(WireModel, ShapesKeepWithinTheirBounds) {
  const auto uniform = delays_of(
      send_many(link_of("delay=60ms,jitter=4ms,order=free,shape=uniform"), 5'000, 1ms), 1ms);
  EXPECT_GE(*std::min_element(uniform.begin(), uniform.end()), 60 - 4 * 1.7321);
  EXPECT_LE(*std::max_element(uniform.begin(), uniform.end()), 60 + 4 * 1.7321);
  const auto pareto = delays_of(
      send_many(link_of("delay=60ms,jitter=4ms,order=free,shape=pareto"), 5'000, 1ms), 1ms);
  EXPECT_GE(*std::min_element(pareto.begin(), pareto.end()), 60 - 4 * 0.5774);
  EXPECT_GT(*std::max_element(pareto.begin(), pareto.end()), 60 + 4 * 6);
}

TEST(WireModel, JitterIsNeverEarlierThanSending) {
  const auto passages = send_many(link_of("delay=1ms,jitter=5ms,order=free"), 2'000, 1ms);
  const auto delays = delays_of(passages, 1ms);
  EXPECT_EQ(*std::min_element(delays.begin(), delays.end()), 0);
}

TEST(WireModel, KeepsTheOrderUnlessItIsFree) {
  const auto ordered = [](const std::vector<Passage>& passages) {
    return std::is_sorted(passages.begin(), passages.end(), [](const auto& a, const auto& b) {
      return a.arrivals[0] < b.arrivals[0];
    });
  };
  EXPECT_TRUE(ordered(send_many(link_of("delay=60ms,jitter=20ms"), 5'000, 1ms)));
  EXPECT_FALSE(ordered(send_many(link_of("delay=60ms,jitter=20ms,order=free"), 5'000, 1ms)));
}

TEST(WireModel, LosesItsShare) {
  for (const double percent : {0.5, 2.0, 20.0}) {
    const auto link = link_of("loss=" + std::to_string(percent) + "%");
    const auto passages = send_many(link, 100'000, 1ms);
    const double share = static_cast<double>(count_of(passages, Fate::lost)) / 100'000;
    EXPECT_NEAR(share, percent / 100, tolerance(percent / 100, 100'000)) << percent;
    // Losses that know nothing of each other come in runs of 1 / (1 - share).
    EXPECT_NEAR(measure::mean(loss_runs(passages)), 1 / (1 - percent / 100), 0.05) << percent;
  }
}

TEST(WireModel, LosesAllOrNothingWithoutDrawing) {
  EXPECT_EQ(count_of(send_many(link_of("loss=100%"), 1'000, 1ms), Fate::lost), 1'000U);
  EXPECT_EQ(count_of(send_many(link_of("loss=0%"), 1'000, 1ms), Fate::carried), 1'000U);
}

TEST(WireModel, BurstsKeepTheShareAndHaveTheirLength) {
  const auto passages = send_many(link_of("loss=2%,burst=8"), 400'000, 1ms);
  const auto runs = loss_runs(passages);
  // The lengths are geometric with mean 8: their deviation is the root of 8 * 7.
  EXPECT_NEAR(measure::mean(runs), 8,
              5 * std::sqrt(56.0) / std::sqrt(static_cast<double>(runs.size())));
  const double share = static_cast<double>(count_of(passages, Fate::lost)) / 400'000;
  EXPECT_NEAR(share, 0.02, 5 * tolerance(0.02, 400'000));  // runs make it surer by a root of 15
}

TEST(WireModel, GilbertElliottLosesInBothStates) {
  const auto link = link_of("gilbert=1%/10%/50%/1%");
  const double expected = 0.01 / 0.11 * 0.5 + 0.1 / 0.11 * 0.01;
  EXPECT_DOUBLE_EQ(link.loss.share(), expected);
  const auto passages = send_many(link, 400'000, 1ms);
  const double share = static_cast<double>(count_of(passages, Fate::lost)) / 400'000;
  EXPECT_NEAR(share, expected, 5 * tolerance(expected, 400'000));
}

TEST(WireModel, SerialisationTakesSizeOverRate) {
  const auto passages = send_many(link_of("delay=5ms,rate=8mbit"), 3, 0ns, 1000);
  EXPECT_EQ(passages[0].arrivals[0], 6ms);  // 1000 bytes of 1 µs each, and the delay
  EXPECT_EQ(passages[1].arrivals[0], 7ms);  // waits for the first
  EXPECT_EQ(passages[2].arrivals[0], 8ms);
  const auto apart = send_many(link_of("rate=8mbit"), 3, 10ms, 1000);
  EXPECT_EQ(apart[2].arrivals[0], 21ms);  // nobody before it
}

TEST(WireModel, DropsAtTheTailOfAQueueInTime) {
  const auto passages = send_many(link_of("rate=8mbit,queue=10ms"), 20, 0ns, 1000);
  // The twelfth would wait 11 ms.
  EXPECT_EQ(count_of(passages, Fate::carried), 11U);
  EXPECT_EQ(passages[10].arrivals[0], 11ms);
  for (std::size_t i = 11; i < 20; ++i) EXPECT_EQ(passages[i].fate, Fate::queue_full) << i;
}

TEST(WireModel, DropsAtTheTailOfAQueueInBytes) {
  const auto passages = send_many(link_of("rate=8mbit,queue=4000B"), 20, 0ns, 1000);
  EXPECT_EQ(count_of(passages, Fate::carried), 4U);
  // One millisecond sends one of them, and then there is room for one.
  EXPECT_EQ(count_of(send_many(link_of("rate=8mbit,queue=4000B"), 20, 1ms, 1000), Fate::carried),
            20U);
  // A packet larger than the queue is sent when nobody is before it.
  EXPECT_EQ(count_of(send_many(link_of("rate=8mbit,queue=500B"), 2, 0ns, 1000), Fate::carried), 1U);
}

TEST(WireModel, AFullQueueLosesNothingElse) {
  const auto passages = send_many(link_of("rate=8mbit,queue=10ms,loss=50%"), 2'000, 500us, 1000);
  EXPECT_GT(count_of(passages, Fate::queue_full), 900U);  // twice as much comes as goes
  const auto sent = static_cast<double>(2'000 - count_of(passages, Fate::queue_full));
  EXPECT_NEAR(static_cast<double>(count_of(passages, Fate::lost)) / sent, 0.5,
              tolerance(0.5, sent));
}

TEST(WireModel, HoldsBackItsShareAndNobodyElse) {
  const auto link = link_of("delay=20ms,reorder=10%,reorder-by=5ms");
  const auto delays = delays_of(send_many(link, 10'000, 1ms), 1ms);
  const auto late = static_cast<double>(std::count(delays.begin(), delays.end(), 25.0));
  EXPECT_NEAR(late / 10'000, 0.1, tolerance(0.1, 10'000));
  EXPECT_EQ(std::count(delays.begin(), delays.end(), 20.0), 10'000 - static_cast<int>(late));
}

TEST(WireModel, DoublesItsShare) {
  const auto passages = send_many(link_of("delay=20ms,duplicate=10%"), 10'000, 1ms);
  double doubled = 0;
  for (const Passage& passage : passages) {
    if (passage.arrival_count == 1) continue;
    ++doubled;
    EXPECT_EQ(passage.arrivals[0], passage.arrivals[1]);
  }
  EXPECT_NEAR(doubled / 10'000, 0.1, tolerance(0.1, 10'000));
}

TEST(WireModel, PassesNothingDuringAnOutage) {
  const auto passages = send_many(link_of("outage=30ms@100ms"), 200, 1ms);
  for (std::size_t i = 0; i < 200; ++i) {
    EXPECT_EQ(passages[i].fate, i >= 100 && i < 130 ? Fate::outage : Fate::carried) << i;
  }
  const auto again = send_many(link_of("outage=30ms@100ms/200ms,outage=1ms@0"), 1'000, 1ms);
  EXPECT_EQ(count_of(again, Fate::outage), 1U + 5 * 30U);
}

TEST(WireModel, FollowsFromItsSeedAlone) {
  const auto link = link_of("delay=60ms,jitter=20ms,loss=5%,burst=3,duplicate=5%,reorder=5%");
  const auto same = [](const Passage& a, const Passage& b) {
    return a.fate == b.fate && a.arrivals == b.arrivals && a.arrival_count == b.arrival_count;
  };
  const auto first = send_many(link, 1'000, 1ms, 100, 7);
  const auto second = send_many(link, 1'000, 1ms, 100, 7);
  const auto other = send_many(link, 1'000, 1ms, 100, 8);
  EXPECT_TRUE(std::equal(first.begin(), first.end(), second.begin(), same));
  EXPECT_FALSE(std::equal(first.begin(), first.end(), other.begin(), same));
}

std::vector<std::byte> packet_of(int number, std::size_t size = 4) {
  return std::vector<std::byte>(size, static_cast<std::byte>(number));
}

TEST(DelayLine, HandsOverWhatIsDueInTheOrderOfArrival) {
  LinkCounters counters;
  DelayLine line(link_of("delay=20ms"), 1, counters);
  EXPECT_EQ(line.next_due(), std::nullopt);
  for (int i = 0; i < 5; ++i) line.put(1ms * i, packet_of(i));
  EXPECT_EQ(line.next_due(), 20ms);
  std::vector<int> taken;
  const auto deliver = [&taken](std::span<const std::byte> packet) {
    taken.push_back(static_cast<int>(packet[0]));
    return true;
  };
  line.take_due(20ms - 1ns, deliver);
  EXPECT_TRUE(taken.empty());
  line.take_due(22ms, deliver);
  EXPECT_EQ(taken, (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(line.next_due(), 23ms);
  EXPECT_EQ(counters.on_the_way, 2U);
  EXPECT_EQ(counters.latest, 2'000'000);
}

TEST(DelayLine, CountsEveryPacketOnce) {
  LinkCounters counters;
  DelayLine line(link_of("rate=1mbit,queue=20ms,loss=20%,duplicate=20%,outage=5ms@10ms"), 1,
                 counters);
  for (int i = 0; i < 200; ++i) line.put(500us * i, packet_of(i, 100));
  int refusals = 0;
  line.take_due(90ms, [&refusals](auto) { return ++refusals % 10 != 0; });
  EXPECT_EQ(counters.packets_in, 200U);
  EXPECT_EQ(counters.bytes_in, 20'000U);
  EXPECT_EQ(counters.fates[static_cast<std::size_t>(Fate::outage)], 10U);
  EXPECT_GT(counters.fates[static_cast<std::size_t>(Fate::queue_full)], 0U);
  EXPECT_GT(counters.fates[static_cast<std::size_t>(Fate::lost)], 0U);
  EXPECT_GT(counters.doubled, 0U);
  EXPECT_GT(counters.on_the_way, 0U);
  EXPECT_GT(counters.refused, 0U);
  EXPECT_EQ(counters.packets_in + counters.doubled,
            counters.packets_out + counters.dropped() + counters.refused + counters.on_the_way);
  EXPECT_EQ(counters.bytes_out, counters.packets_out * 100);
}

TEST(DelayLine, DropsWhatItCannotHold) {
  LinkCounters counters;
  DelayLine line(link_of("delay=1s"), 1, counters);
  const auto packet = packet_of(1);
  for (std::size_t i = 0; i < DelayLine::max_packets + 3; ++i) line.put(0ns, packet);
  EXPECT_EQ(counters.fates[static_cast<std::size_t>(Fate::overflow)], 3U);
  EXPECT_EQ(counters.on_the_way, DelayLine::max_packets);
}

}  // namespace
}  // namespace duplex::tools::wire
