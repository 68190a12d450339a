// The counters of `duplex serve` as Prometheus text, and back.
#include "../../tools/duplex/serve/server_metrics.h"

#include <gtest/gtest.h>

namespace duplex::tools {
namespace {

ServerMetrics metrics_of(std::uint64_t n) {
  ServerMetrics metrics;
  metrics.stats = {.connections = n,
                   .websockets = n,
                   .accepted = n,
                   .refused = n,
                   .requests = n,
                   .messages_received = n,
                   .messages_sent = n,
                   .bytes_received = n,
                   .bytes_sent = n,
                   .queued_bytes = n};
  metrics.loop = {.slow_turns = n, .slow_time = std::chrono::milliseconds(500 * n)};
  metrics.calls[static_cast<std::size_t>(net::Call::recv)] = n;
  metrics.feed_events = n;
  metrics.parked_polls = n;
  return metrics;
}

TEST(ServerMetrics, AddsUpThreadsButNotTheirCommonFeed) {
  ServerMetrics sum = metrics_of(3);
  sum.add(metrics_of(4));
  EXPECT_EQ(sum.stats.connections, 7U);
  EXPECT_EQ(sum.stats.queued_bytes, 7U);
  EXPECT_EQ(sum.calls[static_cast<std::size_t>(net::Call::recv)], 7U);
  EXPECT_EQ(sum.loop.slow_turns, 7U);
  EXPECT_EQ(sum.loop.slow_time, std::chrono::milliseconds(3500));
  EXPECT_EQ(sum.parked_polls, 7U);
  EXPECT_EQ(sum.feed_events, 4U);
}

TEST(ServerMetrics, WritesTextThatReadsBack) {
  const auto samples = parse_prometheus(prometheus_text(metrics_of(5), 1.25));
  EXPECT_EQ(samples.size(), 16U);
  EXPECT_EQ(samples.at("duplex_requests_total"), 5);
  EXPECT_EQ(samples.at("duplex_syscalls_total{call=\"recv\"}"), 5);
  EXPECT_EQ(samples.at("duplex_slow_turns_total"), 5);
  EXPECT_EQ(samples.at("duplex_slow_turns_seconds_total"), 2.5);
  EXPECT_EQ(samples.at("process_cpu_seconds_total"), 1.25);
}

TEST(ServerMetrics, SaysTheTypeOfEachSample) {
  const std::string text = prometheus_text(metrics_of(1), 0);
  EXPECT_NE(text.find("# TYPE duplex_connections gauge\n"), std::string::npos);
  EXPECT_NE(text.find("# TYPE duplex_bytes_sent_total counter\n"), std::string::npos);
}

TEST(ServerMetrics, PassesOverWhatIsNoSample) {
  EXPECT_TRUE(parse_prometheus("# HELP a b\nword\nname x\nname 1x\n").empty());
  EXPECT_TRUE(parse_prometheus("a nan\nb inf\nc -inf\nd 1e300\ne -9007199254740994\n").empty());
}

}  // namespace
}  // namespace duplex::tools
