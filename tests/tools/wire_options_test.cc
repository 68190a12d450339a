// Links as text: settings, profiles, and what is said of them.
#include <gtest/gtest.h>

#include "../../tools/duplex/wire/link_options.h"

namespace duplex::tools::wire {
namespace {

using namespace std::chrono_literals;

std::string problem_of(std::string_view text) {
  WireOptions wire;
  return set_wire(wire, text);
}

WireOptions wire_of(std::string_view text) {
  WireOptions wire;
  EXPECT_EQ(set_wire(wire, text), "");
  return wire;
}

TEST(WireOptions, ReadsEverySetting) {
  const LinkOptions link =
      wire_of(
          "delay=20ms,jitter=2ms,shape=pareto,order=free,rate=1.5mbit/s,queue=64KiB,"
          "gilbert=1%/20%/50%/2%,reorder=3%,reorder-by=7ms,duplicate=4%,outage=1s@2s,"
          "outage=500ms@10s/30s")
          .down;
  EXPECT_EQ(link.delay, 20ms);
  EXPECT_EQ(link.jitter, 2ms);
  EXPECT_EQ(link.shape, JitterShape::pareto);
  EXPECT_FALSE(link.keeps_order);
  EXPECT_EQ(link.rate, 1'500'000U);
  EXPECT_EQ(link.queue_bytes, 65'536U);
  EXPECT_DOUBLE_EQ(link.loss.to_bad, 0.01);
  EXPECT_DOUBLE_EQ(link.loss.to_good, 0.2);
  EXPECT_DOUBLE_EQ(link.loss.in_bad, 0.5);
  EXPECT_DOUBLE_EQ(link.loss.in_good, 0.02);
  EXPECT_DOUBLE_EQ(link.reorder, 0.03);
  EXPECT_EQ(link.reorder_by, 7ms);
  EXPECT_DOUBLE_EQ(link.duplicate, 0.04);
  ASSERT_EQ(link.outages.size(), 2U);
  EXPECT_EQ(link.outages[1].length, 500ms);
  EXPECT_EQ(link.outages[1].start, 10s);
  EXPECT_EQ(link.outages[1].every, 30s);
}

TEST(WireOptions, TakesTwoOrThreePartsOfGilbert) {
  const LossOptions simple = wire_of("gilbert=1%/20%").up.loss;
  EXPECT_DOUBLE_EQ(simple.in_bad, 1);
  EXPECT_DOUBLE_EQ(simple.in_good, 0);
  EXPECT_DOUBLE_EQ(wire_of("gilbert=1%/20%/50%").up.loss.in_bad, 0.5);
}

TEST(WireOptions, AQueueIsInTimeOrInBytes) {
  const LinkOptions in_time = wire_of("queue=64KiB,queue=50ms").up;
  EXPECT_EQ(in_time.queue_time, 50ms);
  EXPECT_EQ(in_time.queue_bytes, 0U);
  EXPECT_EQ(wire_of("").up.queue_time, 100ms);  // never without end
}

TEST(WireOptions, BurstKeepsTheShare) {
  const LossOptions loss = wire_of("loss=2%,burst=8").up.loss;
  EXPECT_DOUBLE_EQ(loss.share(), 0.02);
  EXPECT_DOUBLE_EQ(loss.to_good, 0.125);
}

TEST(WireOptions, SettingsMayBeForOneDirection) {
  const WireOptions wire = wire_of("home,up.delay=30ms,down.rate=100mbit,loss=1%");
  EXPECT_EQ(wire.up.delay, 30ms);
  EXPECT_EQ(wire.down.delay, 20ms);
  EXPECT_EQ(wire.round_trip(), 50ms);
  EXPECT_EQ(wire.up.rate, 0U);
  EXPECT_EQ(wire.down.rate, 100'000'000U);
  EXPECT_DOUBLE_EQ(wire.up.loss.share(), 0.01);
  EXPECT_EQ(wire.name, "home, changed");
}

TEST(WireOptions, KnowsItsProfiles) {
  EXPECT_EQ(profile_names(),
            "loopback, lan, metro, home, mobile, bad-mobile, intercontinental, satellite");
  EXPECT_EQ(wire_of("loopback").round_trip(), 0ns);
  EXPECT_EQ(wire_of("lan").round_trip(), 1ms);
  EXPECT_EQ(wire_of("mobile").up.jitter, 20ms);
  EXPECT_DOUBLE_EQ(wire_of("bad-mobile").down.loss.share(), 0.02);
  EXPECT_EQ(wire_of("satellite").name, "satellite");
  EXPECT_EQ(wire_of("delay=1ms").name, "custom");
  for (const Profile& profile : profiles()) {
    LinkOptions link;
    EXPECT_EQ(set_all(link, profile.settings), "") << profile.name;
  }
}

TEST(WireOptions, ALaterProfileForgetsTheFirst) {
  EXPECT_EQ(wire_of("mobile,satellite").up.jitter, 0ns);
  EXPECT_EQ(wire_of("mobile,satellite").name, "satellite");
}

TEST(WireOptions, NamesWhatItRefuses) {
  EXPECT_EQ(problem_of("delay=20"), "delay: '20' is not a duration such as 20ms");
  EXPECT_EQ(problem_of("loss=2"), "loss: '2' is not a share such as 0.5%");
  EXPECT_EQ(problem_of("rate=20"),
            "rate: '20' is not a rate from 1kbit to 100gbit, such as 20mbit");
  EXPECT_NE(problem_of("lunar").find("'lunar' is neither a profile (loopback, lan, "),
            std::string::npos);
  EXPECT_NE(problem_of("speed=1").find("'speed' is not a setting of a link; there are delay, "),
            std::string::npos);
}

TEST(WireOptions, RefusesEveryWrongForm) {
  for (const auto* text : {"loss=101%",
                           "loss=-1%",
                           "loss=%",
                           "loss=1%%",
                           "rate=1bit",
                           "rate=101gbit",
                           "rate=mbit",
                           "rate=20Mbps",
                           "queue=0B",
                           "queue=lots",
                           "burst=4",
                           "burst=0.5",
                           "burst=2x",
                           "loss=90%,burst=2",
                           "gilbert=1%",
                           "gilbert=1%/0%",
                           "gilbert=1%/2%/3%/4%/5%",
                           "gilbert=1%/x",
                           "outage=1s",
                           "outage=0@1s",
                           "outage=2s@1s/1s",
                           "outage=1s@1s/",
                           "shape=round",
                           "order=yes",
                           "delay=",
                           "jitter=2",
                           "up.",
                           "down.home"}) {
    EXPECT_NE(problem_of(text), "") << text;
  }
}

TEST(WireOptions, DescribesLinksForPeople) {
  EXPECT_EQ(describe(wire_of("home")), "20ms ± 2ms each way");
  EXPECT_EQ(describe(wire_of("delay=10ms,up.rate=5mbit,down.rate=20mbit,down.queue=64KiB")),
            "up 10ms, 5.00 Mbit/s behind a queue of 100ms; "
            "down 10ms, 20.0 Mbit/s behind a queue of 64 KiB");
  EXPECT_EQ(describe(wire_of("delay=1ms,loss=1%,burst=4,reorder=1%,duplicate=2%,order=free,"
                             "outage=1s@5s/10s")
                         .up),
            "1ms out of order, loss 1.00 % in bad spells of 4.00 packets, 1.00 % held back by "
            "5ms, 2.00 % doubled, down for 1s from 5s on, every 10s");
}

}  // namespace
}  // namespace duplex::tools::wire
