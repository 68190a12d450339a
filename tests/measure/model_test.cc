// The closed forms against figures worked out by hand.
#include "measure/model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace duplex::measure {
namespace {

using namespace std::chrono_literals;

double in_ms(Seconds duration) { return duration.count() * 1e3; }

Scenario feed(double rate, Seconds round_trip, Arrivals arrivals = Arrivals::poisson) {
  return {.one_way_delay = round_trip / 2, .rate = rate, .arrivals = arrivals};
}

TEST(Model, NamesEveryTransport) {
  EXPECT_EQ(name_of(Transport::websocket), "websocket");
  EXPECT_EQ(name_of(Transport::websocket_deflate), "websocket-deflate");
  EXPECT_EQ(name_of(Transport::sse), "sse");
  EXPECT_EQ(name_of(Transport::long_poll), "long-poll");
  EXPECT_EQ(name_of(Transport::short_poll), "short-poll");
  EXPECT_EQ(name_of(Transport::short_poll_new_connection), "short-poll-new-connection");
  EXPECT_EQ(name_of(Transport::latest_poll), "latest-poll");
  EXPECT_EQ(name_of(Transport::conditional_poll), "conditional");
  EXPECT_EQ(name_of(Transport::tcp), "tcp");
  EXPECT_EQ(name_of(Transport::echo), "echo");
  EXPECT_EQ(name_of(Transport::closed_echo), "echo-closed");
  EXPECT_EQ(name_of(Transport::socketio_websocket), "socketio-websocket");
  EXPECT_EQ(name_of(Transport::socketio_polling), "socketio-polling");
  EXPECT_EQ(name_of(Transport::socketio_upgrade), "socketio-upgrade");
}

// It is carried by what it is carried by.
TEST(Model, SocketIoIsAsFastAsTheTransportBelow) {
  const Scenario scenario = feed(10, 40ms);
  for (const Transport pushed : {Transport::socketio_websocket, Transport::socketio_upgrade}) {
    EXPECT_EQ(predict(pushed, scenario).latency.maximum(), 20ms);
    EXPECT_EQ(predict(pushed, scenario).requests_per_event, 0);
  }
  const Prediction polled = predict(Transport::socketio_polling, scenario);
  const Prediction poll = predict(Transport::long_poll, scenario);
  EXPECT_EQ(polled.latency.mean(), poll.latency.mean());
  EXPECT_EQ(polled.requests_per_event, poll.requests_per_event);
  EXPECT_EQ(polled.mean_age, poll.mean_age);
}

// TCP, opening, namespace: a round trip each; over polling the last one needs TCP once more.
TEST(Model, SocketIoAsksForItsNamespaceBeforeTheFirstEvent) {
  Scenario scenario = feed(10, 40ms);
  EXPECT_EQ(predict(Transport::websocket, scenario).time_to_first_event, 80ms);
  EXPECT_EQ(predict(Transport::socketio_websocket, scenario).time_to_first_event, 120ms);
  EXPECT_EQ(predict(Transport::socketio_polling, scenario).time_to_first_event, 160ms);
  EXPECT_EQ(predict(Transport::socketio_upgrade, scenario).time_to_first_event, 160ms);
  scenario.handshake_is_local = true;
  EXPECT_EQ(predict(Transport::socketio_websocket, scenario).time_to_first_event, 80ms);
  EXPECT_EQ(predict(Transport::socketio_polling, scenario).time_to_first_event, 80ms);
}

TEST(Model, PushTakesTheWayAndNothingElse) {
  for (const Transport transport :
       {Transport::websocket, Transport::websocket_deflate, Transport::sse, Transport::tcp}) {
    const Prediction push = predict(transport, feed(10, 40ms));
    EXPECT_EQ(push.latency.mean(), 20ms);
    EXPECT_EQ(push.latency.quantile(0), 20ms);
    EXPECT_EQ(push.latency.quantile(1), 20ms);
    EXPECT_EQ(push.latency.maximum(), 20ms);
    EXPECT_EQ(push.requests_per_event, 0);
    EXPECT_EQ(push.events_per_response, 0);
    EXPECT_EQ(push.empty_share, 0);
    EXPECT_EQ(push.missed_per_response, 0);
  }
}

TEST(Model, EchoTakesTheWayTwice) {
  EXPECT_EQ(predict(Transport::echo, feed(10, 40ms)).latency.mean(), 40ms);
}

// 290 ms from poll to poll, 250 and 580 ms from event to event.
TEST(Model, WhoAsksForTheNewestMissesTheOthers) {
  Scenario scenario = feed(4, 40ms);
  scenario.poll_interval = 250ms;
  scenario.arrivals = Arrivals::periodic;
  const Prediction poll = predict(Transport::latest_poll, scenario);
  EXPECT_NEAR(poll.missed_share, 1 - 250.0 / 290, 1e-12);
  EXPECT_NEAR(in_ms(poll.latency.mean()), 20 + 125, 1e-9);
  EXPECT_EQ(poll.requests_per_event, 1);
  scenario.rate = 1 / 0.58;
  const Prediction slow = predict(Transport::conditional_poll, scenario);
  EXPECT_NEAR(slow.missed_share, 0, 1e-12);
  EXPECT_NEAR(in_ms(slow.latency.mean()), 20 + 145, 1e-9);
  EXPECT_NEAR(slow.requests_per_event, 2, 1e-9);
}

TEST(Model, LongPollOfARandomFeed) {
  const Prediction poll = predict(Transport::long_poll, feed(10, 40ms));
  EXPECT_NEAR(in_ms(poll.latency.mean()), 27.47, 0.005);
  EXPECT_NEAR(poll.requests_per_second, 9.343, 0.0005);
  EXPECT_NEAR(poll.events_per_response, 1.070, 0.0005);
  EXPECT_NEAR(poll.requests_per_event, 1 / 1.0703, 0.0001);
  EXPECT_EQ(poll.empty_share, 0);
  EXPECT_NEAR(in_ms(predict(Transport::long_poll, feed(30, 100ms)).latency.mean()), 99.18, 0.01);
  EXPECT_NEAR(in_ms(predict(Transport::long_poll, feed(4, 300ms)).latency.mean()), 269.9, 0.05);
}

TEST(Model, LongPollOfAPeriodicFeedSlowerThanTheRoundTripIsAPush) {
  const Prediction poll = predict(Transport::long_poll, feed(4, 40ms, Arrivals::periodic));
  EXPECT_EQ(poll.latency.maximum(), 20ms);
  EXPECT_EQ(poll.requests_per_second, 4);
  EXPECT_EQ(poll.requests_per_event, 1);
  EXPECT_EQ(poll.events_per_response, 1);
}

TEST(Model, LongPollOfAPeriodicFeedFasterThanTheRoundTripTakesTwiceAsLong) {
  const Prediction poll = predict(Transport::long_poll, feed(4, 300ms, Arrivals::periodic));
  EXPECT_NEAR(in_ms(poll.latency.mean()), 300, 1e-9);
  EXPECT_NEAR(in_ms(poll.latency.maximum()), 450, 1e-9);
  EXPECT_NEAR(poll.requests_per_second, 1 / 0.3, 1e-9);
  EXPECT_NEAR(poll.events_per_response, 1.2, 1e-9);
  EXPECT_EQ(poll.empty_share, 0);
}

TEST(Model, ShortPollWithFixedDelay) {
  Scenario scenario = feed(4, 300ms, Arrivals::periodic);
  scenario.poll_interval = 250ms;
  const Prediction poll = predict(Transport::short_poll, scenario);
  EXPECT_NEAR(in_ms(poll.latency.mean()), 425, 1e-9);
  EXPECT_NEAR(in_ms(poll.latency.maximum()), 150 + 250 + 300, 1e-9);
  EXPECT_NEAR(in_ms(predict(Transport::short_poll, feed(10, 40ms)).latency.mean()), 540, 1e-9);
}

TEST(Model, ShortPollWithFixedRateDoesNotWaitForTheAnswer) {
  Scenario scenario = feed(4, 40ms, Arrivals::periodic);
  scenario.poll_interval = 250ms;
  scenario.pacing = PollPacing::fixed_rate;
  const Prediction poll = predict(Transport::short_poll, scenario);
  EXPECT_NEAR(in_ms(poll.latency.mean()), 145, 1e-9);
  EXPECT_NEAR(in_ms(poll.latency.quantile(0.5)), 145, 1e-9);
  EXPECT_NEAR(in_ms(poll.latency.maximum()), 270, 1e-9);
  EXPECT_EQ(poll_cycle(Transport::short_poll_new_connection, scenario), 250ms);
}

TEST(Model, NewConnectionAddsARoundTripToTheCycle) {
  const Prediction poll = predict(Transport::short_poll_new_connection, feed(10, 40ms));
  EXPECT_NEAR(in_ms(poll.latency.mean()), 500 + 60, 1e-9);
  EXPECT_NEAR(in_ms(poll.latency.maximum()), 20 + 1000 + 80, 1e-9);
}

TEST(Model, NewConnectionCostsNoDelayWhereTheHandshakeIsLocal) {
  Scenario scenario = feed(10, 40ms);
  scenario.handshake_is_local = true;
  const Prediction fresh = predict(Transport::short_poll_new_connection, scenario);
  const Prediction kept = predict(Transport::short_poll, scenario);
  EXPECT_EQ(fresh.latency.mean(), kept.latency.mean());
  EXPECT_EQ(fresh.time_to_first_event, 40ms);
}

TEST(Model, CoalescedEventsWaitForTheEndOfTheWindow) {
  Scenario s{.rate = 100};
  EXPECT_EQ(coalescing_wait(s, Seconds(0)), Seconds(0));
  // One event opens the window and waits 10 ms; one more comes, and waits half of that.
  EXPECT_NEAR(coalescing_wait(s, 0.010s).count(), 0.0075, 1e-12);
  // The busier the feed, the less the first one counts.
  s.rate = 1e6;
  EXPECT_NEAR(coalescing_wait(s, 0.010s).count(), 0.005, 1e-6);
  s.rate = 0.001;
  EXPECT_NEAR(coalescing_wait(s, 0.010s).count(), 0.010, 1e-6);
}

TEST(Model, CoalescedEventsOfAPeriodicFeedComeInEqualGroups) {
  Scenario s{.rate = 100, .arrivals = Arrivals::periodic};
  EXPECT_NEAR(coalescing_wait(s, 0.005s).count(), 0.005, 1e-12);  // alone
  EXPECT_NEAR(coalescing_wait(s, 0.025s).count(), 0.015, 1e-12);  // 25, 15 and 5 ms
}

TEST(Model, EmptyShareOfShortPolls) {
  EXPECT_NEAR(predict(Transport::short_poll, feed(1, 20ms)).empty_share, std::exp(-1.02), 1e-12);
  Scenario slow = feed(0.5, 0ms, Arrivals::periodic);
  EXPECT_NEAR(predict(Transport::short_poll, slow).empty_share, 0.5, 1e-12);
  slow.rate = 3;
  EXPECT_EQ(predict(Transport::short_poll, slow).empty_share, 0);
  EXPECT_NEAR(predict(Transport::short_poll, slow).events_per_response, 3, 1e-12);
  EXPECT_NEAR(predict(Transport::short_poll, slow).requests_per_event, 1 / 3.0, 1e-12);
  EXPECT_EQ(predict(Transport::short_poll, slow).requests_per_second, 1);
}

TEST(Model, FirstEventTakesConnectingAndAsking) {
  const Scenario scenario = feed(10, 40ms);
  for (const Transport transport : all_transports) {
    const bool echoes = transport == Transport::echo || transport == Transport::closed_echo;
    // Socket.IO joins a namespace first; polls do that by a request, and hear of it by another.
    const bool joins = transport == Transport::socketio_websocket;
    const bool joins_by_polls = is_socketio(transport) && !joins;
    const Seconds expected = joins_by_polls ? 160ms : echoes || joins ? 120ms : 80ms;
    EXPECT_EQ(predict(transport, scenario).time_to_first_event, expected) << name_of(transport);
  }
}

// One row of the table of R and rate; polls every second with fixed delay.
struct GridRow {
  double round_trip, rate, push, mean, p50, p99, max, ratio, requests, events, poll, empty;
};

class ModelGrid : public testing::TestWithParam<GridRow> {};

TEST_P(ModelGrid, LongPollAndShortPollAsTabulated) {
  const GridRow& row = GetParam();
  const Scenario scenario = feed(row.rate, row.round_trip * 1ms);
  const Prediction lp = predict(Transport::long_poll, scenario);
  const Prediction sp = predict(Transport::short_poll, scenario);
  EXPECT_NEAR(in_ms(predict(Transport::websocket, scenario).latency.mean()), row.push, 1e-9);
  EXPECT_NEAR(in_ms(lp.latency.mean()), row.mean, row.mean > 150 ? 0.6 : 0.06);
  EXPECT_NEAR(in_ms(lp.latency.quantile(0.50)), row.p50, row.p50 > 120 ? 0.6 : 0.06);
  EXPECT_NEAR(in_ms(lp.latency.quantile(0.99)), row.p99, row.p99 > 100 ? 0.6 : 0.06);
  EXPECT_NEAR(in_ms(lp.latency.maximum()), row.max, 1e-9);
  EXPECT_NEAR(lp.latency.mean() / scenario.one_way_delay, row.ratio, 0.006);
  EXPECT_NEAR(lp.requests_per_second, row.requests, 0.06);
  EXPECT_NEAR(lp.events_per_response, row.events, 0.006);
  EXPECT_NEAR(in_ms(sp.latency.mean()), row.poll, 0.5 + 1e-9);
  EXPECT_NEAR(sp.empty_share, row.empty, 0.006);
}

INSTANTIATE_TEST_SUITE_P(
    RoundTripAndRate, ModelGrid,
    testing::Values(GridRow{1, 10, 0.5, 0.505, 0.5, 0.505, 1.5, 1.01, 10.0, 1.00, 501, 0.00},
                    GridRow{20, 1, 10, 10.2, 10, 20, 30, 1.02, 1.0, 1.00, 520, 0.36},
                    GridRow{20, 50, 10, 17.3, 16.3, 29.7, 30, 1.73, 36.6, 1.37, 520, 0.00},
                    GridRow{40, 10, 20, 27.5, 20, 58.9, 60, 1.37, 9.3, 1.07, 540, 0.00},
                    GridRow{100, 1, 50, 55.0, 50, 140, 150, 1.10, 1.0, 1.00, 600, 0.33},
                    GridRow{100, 10, 50, 86.6, 81.6, 148.6, 150, 1.73, 7.3, 1.37, 600, 0.00},
                    GridRow{100, 50, 50, 99.9, 99.9, 149, 150, 2.00, 10.0, 5.01, 600, 0.00},
                    GridRow{200, 4, 100, 164, 144, 297, 300, 1.64, 3.2, 1.25, 700, 0.01},
                    GridRow{300, 4, 150, 270, 262, 446, 450, 1.80, 2.7, 1.50, 800, 0.01}));

TEST(LatencyModel, ShareWithinIsTheInverseOfTheQuantile) {
  const LatencyModel latency = predict(Transport::long_poll, feed(10, 40ms)).latency;
  for (const double share : {0.7, 0.9, 0.99}) {
    EXPECT_NEAR(latency.share_within(latency.quantile(share)), share, 1e-12);
  }
  EXPECT_EQ(latency.share_within(19ms), 0);
  EXPECT_EQ(latency.share_within(20ms), latency.immediate_share);
  EXPECT_EQ(latency.share_within(60ms), 1);
  const LatencyModel push{.minimum = 20ms};
  EXPECT_EQ(push.share_within(20ms), 1);
  EXPECT_EQ(push.share_within(19ms), 0);
}

TEST(Model, KeepingStepIsNoticed) {
  Scenario scenario = feed(4, 40ms, Arrivals::periodic);
  scenario.pacing = PollPacing::fixed_rate;
  scenario.poll_interval = 250ms;
  EXPECT_TRUE(keeps_step(Transport::short_poll, scenario));
  EXPECT_FALSE(keeps_step(Transport::long_poll, scenario));
  scenario.poll_interval = 502ms;
  EXPECT_TRUE(keeps_step(Transport::short_poll, scenario));
  scenario.poll_interval = 125ms;
  EXPECT_TRUE(keeps_step(Transport::short_poll_new_connection, scenario));
  scenario.poll_interval = 347ms;
  EXPECT_FALSE(keeps_step(Transport::short_poll, scenario));
  scenario.poll_interval = 250ms;
  scenario.arrivals = Arrivals::poisson;
  EXPECT_FALSE(keeps_step(Transport::short_poll, scenario));
}

double deviation_in_ms(const Scenario& scenario, Transport transport = Transport::short_poll) {
  const auto deviation = client_deviation(transport, scenario);
  return deviation ? in_ms(*deviation) : -1;
}

TEST(Model, AClientThatKeepsStepHasOneLatency) {
  Scenario scenario = feed(4, 40ms, Arrivals::periodic);
  scenario.pacing = PollPacing::fixed_rate;
  for (const Seconds interval : {Seconds(250ms), Seconds(125ms), Seconds(62500us)}) {
    scenario.poll_interval = interval;
    EXPECT_EQ(deviation_in_ms(scenario), 0);
  }
  scenario.poll_interval = 500ms;  // two latencies, 250 ms apart
  EXPECT_NEAR(deviation_in_ms(scenario), 125, 1e-9);
  EXPECT_EQ(deviation_in_ms(scenario, Transport::latest_poll), 0);
  EXPECT_EQ(deviation_in_ms(scenario, Transport::websocket), 0);
  EXPECT_EQ(deviation_in_ms(scenario, Transport::long_poll), 0);
  scenario.poll_interval = 251ms;  // it drifts
  EXPECT_EQ(deviation_in_ms(scenario), -1);
  scenario.poll_interval = 250ms;
  scenario.pacing = PollPacing::fixed_delay;
  EXPECT_EQ(deviation_in_ms(scenario), -1);
  scenario.arrivals = Arrivals::poisson;
  EXPECT_NEAR(deviation_in_ms(scenario), 290 / std::sqrt(12.0), 1e-9);
}

TEST(LatencyModel, KnowsItsDeviation) {
  EXPECT_EQ(LatencyModel{.minimum = 20ms}.deviation(), Seconds(0));
  const LatencyModel half{.longest_wait = 40ms, .immediate_share = 0.5};
  // Mean 10 ms; half of them 0, half even: 40² / 6 - 10².
  EXPECT_NEAR(in_ms(half.deviation()), std::sqrt(1600.0 / 6 - 100), 1e-9);
}

TEST(Freshness, OfARandomFeed) {
  Scenario scenario = feed(10, 100ms);
  EXPECT_NEAR(predict(Transport::websocket, scenario).fresh_share, std::exp(-0.5), 1e-12);
  EXPECT_NEAR(predict(Transport::websocket, scenario).mean_age.count(), 0.15, 1e-12);
  EXPECT_NEAR(predict(Transport::echo, scenario).mean_age.count(), 0.2, 1e-12);
  const Prediction poll = predict(Transport::short_poll, scenario);
  EXPECT_NEAR(poll.fresh_share, std::exp(-0.5) * (1 - std::exp(-11)) / 11, 1e-12);
  EXPECT_NEAR(poll.mean_age.count(), 0.1 + 0.05 + 0.55, 1e-12);
  EXPECT_NEAR(poll.missed_per_response, 11 - (1 - std::exp(-11)), 1e-12);
}

TEST(Freshness, OfAPeriodicFeed) {
  Scenario scenario = feed(4, 100ms, Arrivals::periodic);
  EXPECT_NEAR(predict(Transport::sse, scenario).fresh_share, 0.8, 1e-12);
  EXPECT_NEAR(predict(Transport::sse, scenario).mean_age.count(), 0.125 + 0.05, 1e-12);
  // The sample is 50 to 1150 ms old at the client; it is current while younger than 250 ms.
  const Prediction poll = predict(Transport::short_poll, scenario);
  EXPECT_NEAR(poll.fresh_share, (0.2 - (1 - 0.04) / 2 + 0.6) / 4.4, 1e-12);
  EXPECT_NEAR(poll.mean_age.count(), 0.125 + 0.05 + 0.55, 1e-12);
  EXPECT_NEAR(poll.missed_per_response, 3.4, 1e-12);
  scenario.one_way_delay = 300ms;
  EXPECT_EQ(predict(Transport::sse, scenario).fresh_share, 0);
}

TEST(Freshness, LongPollTendsToPushAndToSampling) {
  const Prediction rare = predict(Transport::long_poll, feed(0.001, 100ms));
  EXPECT_NEAR(rare.mean_age.count(), 1000.05, 1e-3);
  const Prediction busy = predict(Transport::long_poll, feed(1000, 100ms));
  EXPECT_NEAR(busy.mean_age.count(), 0.001 + 0.05 + 0.05, 1e-6);
  EXPECT_NEAR(busy.missed_per_response, 99, 1e-9);
  EXPECT_NEAR(rare.fresh_share, 1, 1e-3);
}

TEST(Freshness, OfAPathWithoutDelay) {
  const Prediction push = predict(Transport::long_poll, feed(10, 0ms));
  EXPECT_EQ(push.fresh_share, 1);
  EXPECT_EQ(push.mean_age, 100ms);
}

}  // namespace
}  // namespace duplex::measure
