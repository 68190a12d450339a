// A bench's report as JSON; README.md describes the members.
#include <optional>

#include "measure/json_writer.h"
#include "render.h"

namespace duplex::tools {
namespace {

using measure::JsonWriter;

constexpr int schema_version = 1;

double seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

void optional_member(JsonWriter& json, std::string_view name, const std::optional<double>& value) {
  json.key(name);
  value ? json.value(*value) : json.null();
}

void write_units(JsonWriter& json) {
  json.key("units").begin_object();
  json.member("latency",
              "seconds from the intended generation (t_gen) to the complete event at "
              "the client (t_recv), CLOCK_MONOTONIC");
  json.member("bytes_per_event", "bytes at the server's sockets, both ways, per delivered event");
  json.member("requests_per_event", "HTTP requests per delivered event");
  json.member("syscalls_per_event", "system calls of the server per delivered event");
  json.member("server_cpu_seconds_per_event", "user and system time of the server's process");
  json.end_object();
}

void write_options(JsonWriter& json, const BenchOptions& options) {
  json.key("options").begin_object();
  json.member("one_way_delay", seconds(options.delay));
  json.member("handshake_is_local", options.delay.count() > 0);
  json.member("rate", options.rate);
  json.member("distribution", options.poisson ? "poisson" : "periodic");
  json.member("poll_interval", seconds(options.poll_interval));
  json.member("event_size", options.event_size);
  json.member("coalesce", seconds(options.coalesce));
  json.member("duration", seconds(options.duration));
  json.member("rounds", options.rounds);
  json.member("clients", options.clients);
  json.member("seed", options.seed);
  json.end_object();
}

void write_arm(JsonWriter& json, const ArmReport& arm) {
  json.begin_object();
  json.member("name", arm.arm.name).member("transport", label_of(arm.arm));
  json.member("control", arm.arm.control);
  json.member("events", arm.event_count).member("deliveries", arm.delivery_count);
  json.member("missing", arm.missing).member("duplicates", arm.duplicates);
  json.member("mean", arm.mean).member("predicted_mean", arm.predicted_mean);
  json.member("as_predicted", arm.as_predicted());
  optional_member(json, "p50", arm.p50);
  optional_member(json, "p95", arm.p95);
  optional_member(json, "p99", arm.p99);
  json.key("ratio_to_websocket").begin_object();
  json.member("estimate", arm.ratio.estimate);
  json.member("low", arm.ratio.low).member("high", arm.ratio.high);
  json.member("distinguishable", arm.distinguishable).end_object();
  json.member("bytes_per_event", arm.per_delivery.bytes);
  json.member("requests_per_event", arm.per_delivery.requests);
  json.member("syscalls_per_event", arm.per_delivery.system_calls);
  json.member("server_cpu_seconds_per_event", arm.per_delivery.cpu_seconds);
  json.key("block_means").begin_array();
  for (const double mean : arm.block_means) mean > 0 ? json.value(mean) : json.null();
  json.end_array();
  json.end_object();
}

}  // namespace

std::string render_json(const BenchReport& report, const Environment& environment) {
  JsonWriter json;
  json.begin_object().member("schema_version", schema_version);
  json.key("environment").begin_object();
  for (const auto& [name, value] : environment) json.member(name, value);
  json.end_object();
  write_units(json);
  write_options(json, report.options);
  json.member("scheduling", report.scheduling);
  json.member("rounds_completed", report.rounds);
  optional_member(json, "noise_floor",
                  report.has_control ? std::optional(report.noise_floor) : std::nullopt);
  json.member("max_feed_lateness", report.max_lateness);
  json.key("arms").begin_array();
  for (const ArmReport& arm : report.arms) write_arm(json, arm);
  json.end_array();
  json.member("verdict", verdict(report));
  json.end_object();
  return json.text();
}

}  // namespace duplex::tools
