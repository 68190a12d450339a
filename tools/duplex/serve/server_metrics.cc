// The counters of `duplex serve` as Prometheus text.
#include "server_metrics.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

#include "../feed_event.h"
#include "measure/format.h"

namespace duplex::tools {
namespace {

void head(std::string& text, std::string_view name, std::string_view type, std::string_view help) {
  text.append("# HELP ").append(name).append(" ").append(help).append("\n");
  text.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

void sample(std::string& text, std::string_view name, std::string_view value) {
  text.append(name).append(" ").append(value).append("\n");
}

void counter(std::string& text, std::string_view name, std::string_view help, std::uint64_t value) {
  head(text, name, "counter", help);
  sample(text, name, std::to_string(value));
}

void gauge(std::string& text, std::string_view name, std::string_view help, std::uint64_t value) {
  head(text, name, "gauge", help);
  sample(text, name, std::to_string(value));
}

// A handler that blocks keeps everybody else of its loop waiting.
void slow_turns(std::string& text, const net::EventLoopStats& loop) {
  counter(text, "duplex_slow_turns_total", "Turns of a loop that took longer than 100 ms.",
          loop.slow_turns);
  constexpr std::string_view name = "duplex_slow_turns_seconds_total";
  head(text, name, "counter", "Time of these turns.");
  sample(text, name, measure::fixed(std::chrono::duration<double>(loop.slow_time).count(), 6));
}

void system_calls(std::string& text, const ServerMetrics& metrics) {
  constexpr std::string_view name = "duplex_syscalls_total";
  head(text, name, "counter", "System calls by name.");
  for (std::size_t i = 0; i < metrics.calls.size(); ++i) {
    if (metrics.calls[i] == 0) continue;
    const std::string_view call = net::name_of(static_cast<net::Call>(i));
    sample(text, std::string(name) + "{call=\"" + std::string(call) + "\"}",
           std::to_string(metrics.calls[i]));
  }
}

}  // namespace

void ServerMetrics::add(const ServerMetrics& other) noexcept {
  stats.connections += other.stats.connections;
  stats.websockets += other.stats.websockets;
  stats.accepted += other.stats.accepted;
  stats.refused += other.stats.refused;
  stats.requests += other.stats.requests;
  stats.messages_received += other.stats.messages_received;
  stats.messages_sent += other.stats.messages_sent;
  stats.bytes_received += other.stats.bytes_received;
  stats.bytes_sent += other.stats.bytes_sent;
  stats.queued_bytes += other.stats.queued_bytes;
  loop.slow_turns += other.loop.slow_turns;
  loop.slow_time += other.loop.slow_time;
  for (std::size_t i = 0; i < calls.size(); ++i) calls[i] += other.calls[i];
  feed_events = std::max(feed_events, other.feed_events);
  parked_polls += other.parked_polls;
}

std::string prometheus_text(const ServerMetrics& metrics, double cpu_seconds) {
  const endpoint::ServerStats& stats = metrics.stats;
  std::string text;
  gauge(text, "duplex_connections", "Open connections.", stats.connections);
  gauge(text, "duplex_websockets", "Of these, WebSockets.", stats.websockets);
  gauge(text, "duplex_parked_polls", "Long polls that wait for an event.", metrics.parked_polls);
  gauge(text, "duplex_queued_bytes", "Bytes that wait to be written.", stats.queued_bytes);
  counter(text, "duplex_accepted_total", "Connections accepted.", stats.accepted);
  counter(text, "duplex_refused_total", "Connections refused.", stats.refused);
  counter(text, "duplex_requests_total", "HTTP requests.", stats.requests);
  counter(text, "duplex_messages_received_total", "WebSocket messages received.",
          stats.messages_received);
  counter(text, "duplex_messages_sent_total", "WebSocket messages sent.", stats.messages_sent);
  counter(text, "duplex_bytes_received_total", "Bytes read from sockets.", stats.bytes_received);
  counter(text, "duplex_bytes_sent_total", "Bytes written to sockets.", stats.bytes_sent);
  counter(text, "duplex_feed_events_total", "Events of the feed, which is the newest event's id.",
          metrics.feed_events);
  slow_turns(text, metrics.loop);
  system_calls(text, metrics);
  head(text, "process_cpu_seconds_total", "counter", "User and system CPU time.");
  sample(text, "process_cpu_seconds_total", measure::fixed(cpu_seconds, 6));
  return text;
}

std::map<std::string, double> parse_prometheus(std::string_view text) {
  std::map<std::string, double> samples;
  for_each_line(text, [&samples](std::string_view line) {
    const std::size_t space = line.rfind(' ');
    if (line.front() == '#' || space == std::string_view::npos) return;
    double value = 0;
    const char* const last = line.data() + line.size();
    const auto [end, error] = std::from_chars(line.data() + space + 1, last, value);
    const bool is_exact = std::abs(value) <= 0x1p53;  // NaN is not
    if (error != std::errc() || end != last || !is_exact) return;
    samples[std::string(line.substr(0, space))] = value;
  });
  return samples;
}

}  // namespace duplex::tools
