// A run as JSON, with what the report made of it: run.schema.json describes the members. Times are
// seconds.
#include <optional>

#include "measure/json_writer.h"
#include "render.h"
#include "run_json.h"
#include "wire_parts.h"
#include "wire_prediction.h"

namespace duplex::tools {
namespace {

using measure::Interval;
using measure::JsonWriter;

double seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

void optional_member(JsonWriter& json, std::string_view name, const std::optional<double>& value) {
  json.key(name);
  value ? json.value(*value) : json.null();
}

void interval_member(JsonWriter& json, std::string_view name,
                     const std::optional<Interval>& interval) {
  json.key(name);
  if (!interval) {
    json.null();
    return;
  }
  json.begin_object().member("estimate", interval->estimate);
  json.member("low", interval->low).member("high", interval->high).end_object();
}

void write_units(JsonWriter& json) {
  json.key("units").begin_object();
  json.member("time", "seconds");
  json.member("latency",
              "seconds from the intended generation (t_gen) to the complete event at the client "
              "(t_recv), CLOCK_MONOTONIC of one machine, or of two as server_clock says");
  json.member("latency_histogram",
              "nanoseconds, as HdrHistogram's log has them: encoding V2, compressed, Base64");
  json.member("lateness_histogram",
              "the same, from the intended generation to the emission (t_emit), for each event");
  json.member("interval",
              "95 %: by bootstrap over blocks, mean_interval of the median of their means (mean is "
              "that of all deliveries), p50 of the median of their medians; of p95 and p99 between "
              "order statistics, of ratios by paired bootstrap over rounds");
  json.member("bytes", "bytes at the server's sockets, both ways");
  json.member("wire",
              "bytes of the clients' packets as an Ethernet carries them, both ways, "
              "acknowledgements too, without preamble and checksum; counted as wire_source says");
  json.member("requests", "HTTP requests");
  json.member("empty_answers", "answers to polls that brought no event");
  json.member("system_calls", "system calls of the server");
  json.member("server_cpu_seconds", "user and system time of the server's process");
  json.member("client_cpu_seconds",
              "user and system time of the clients' process, without the "
              "threads of the relay and of the hiccup meter");
  json.member("mean_age", "seconds: age of information, averaged over time and clients");
  json.member("fresh_share", "share of the time in which a client holds the newest event");
  json.member("deviation",
              "seconds: standard deviation of all latencies; client_deviation: of those of one "
              "client, median over clients and blocks");
  json.member("first_event", "seconds from connecting to the first message");
  json.member("hiccup", "seconds: how late a thread woke at worst that sleeps a millisecond");
  json.member("per_event", "divided by deliveries: each event to each client");
  json.end_object();
}

void write_options(JsonWriter& json, const BenchOptions& options) {
  json.key("options").begin_object();
  json.member("server", options.server);
  json.member("link", options.link);
  json.member("one_way_delay", seconds(options.delay));
  json.member("rate", options.rate);
  json.member("distribution", options.poisson ? "poisson" : "periodic");
  json.member("poll_interval", seconds(options.poll_interval));
  json.member("poll_clock", options.poll_clock);
  json.member("event_size", options.event_size);
  json.member("content", options.content);
  json.member("heads", options.heads);
  json.member("coalesce", seconds(options.coalesce));
  json.member("chaos", options.chaos);
  json.member("wait", options.wait);
  json.member("place", options.place);
  json.member("order", options.order);
  json.member("warm_up", seconds(options.warm_up));
  json.member("duration", seconds(options.duration));
  json.member("rounds", options.rounds);
  json.member("clients", options.clients);
  json.member("seed", options.seed);
  json.end_object();
}

void write_warm_up(JsonWriter& json, const WarmUp& warm_up) {
  json.key("warm_up").begin_object().member("seconds", warm_up.seconds);
  json.member("deliveries", warm_up.deliveries);
  optional_member(json, "last_change", warm_up.change);
  json.member("settled", warm_up.settled).end_object();
}

void write_clock(JsonWriter& json, const std::optional<ForeignClock>& clock) {
  json.key("server_clock");
  if (!clock) {
    json.null();
    return;
  }
  json.begin_object().member("ahead", clock->ahead).member("error", clock->error);
  json.member("comparisons", clock->comparisons).end_object();
}

void write_prediction(JsonWriter& json, const ArmReport& arm, const BenchOptions& options) {
  const ArmPrediction& predicted = arm.predicted;
  const auto quantile = [&](double share) {
    return predicted.latency ? std::optional(predicted.latency->quantile(share).count())
                             : std::nullopt;
  };
  json.key("predicted").begin_object().member("mean", predicted.mean);
  optional_member(json, "p50", quantile(0.5));
  optional_member(json, "p95", quantile(0.95));
  optional_member(json, "p99", quantile(0.99));
  optional_member(json, "max", quantile(1));
  optional_member(
      json, "deviation",
      predicted.latency ? std::optional(predicted.latency->deviation().count()) : std::nullopt);
  optional_member(json, "client_deviation", predicted.client_deviation);
  optional_member(json, "mean_age", predicted.mean_age);
  optional_member(json, "fresh_share", predicted.fresh_share);
  optional_member(json, "first_event", predicted.first_event);
  json.member("requests_per_event", predicted.requests_per_event);
  json.member("empty_share", predicted.empty_share);
  json.member("missed_share", predicted.missed_share);
  optional_member(json, "wire_bytes", predicted_wire_bytes(arm.arm, options));
  json.end_object();
}

void write_costs(JsonWriter& json, const Costs& costs) {
  json.member("bytes", costs.bytes).member("requests", costs.requests);
  json.member("system_calls", costs.system_calls);
  json.key("system_calls_by_name").begin_object();
  for (const auto& [name, count] : costs.calls) json.member(name, count);
  json.end_object();
  json.member("server_cpu_seconds", costs.cpu_seconds);
}

void write_wire(JsonWriter& json, const Block& block) {
  json.key("wire");
  if (!block.wire) {
    json.null();
    return;
  }
  const WireBytes& wire = *block.wire;
  json.begin_object().member("deliveries", block.wire_deliveries);
  json.member("payload", block.wire_payload).member("content", wire.content);
  json.member("heads", wire.heads).member("packet_headers", wire.packet_headers);
  json.member("acknowledgements", wire.acknowledgements).member("empty_polls", wire.empty_polls);
  json.member("sent_again", wire.sent_again).member("packets", wire.packets).end_object();
}

void write_wire(JsonWriter& json, const ArmReport& arm) {
  json.key("wire");
  const std::vector<WirePart> parts = wire_parts(arm);
  if (parts.empty()) {
    json.null();
    return;
  }
  json.begin_object().member("total", arm.wire->total()).member("packets", arm.wire->packets);
  for (const WirePart& part : parts) json.member(part.name, part.bytes);
  json.end_object();
}

void write_idle(JsonWriter& json, const std::vector<IdleCost>& costs) {
  json.key("idle").begin_array();
  for (const IdleCost& cost : costs) {
    json.begin_object().member("transport", cost.transport);
    json.member("connections", cost.connections).member("seconds", cost.seconds);
    json.member("user_memory_per_connection", cost.user_memory);
    json.member("kernel_memory_per_connection", cost.kernel_memory);
    json.member("wake_ups_per_second", cost.wake_ups_per_second);
    json.member("server_cpu_share", cost.cpu_share);
    json.member("wire_bytes_per_second", cost.wire_bytes_per_second).end_object();
  }
  json.end_array();
}

void write_ladder(JsonWriter& json, const std::optional<Ladder>& ladder) {
  json.key("ladder");
  if (!ladder) {
    json.null();
    return;
  }
  json.begin_object().member("frames", ladder->frames).member("dropped", ladder->dropped);
  json.key("steps").begin_array();
  for (std::size_t i = 0; i < ladder_step_count; ++i) {
    const LadderRow& row = ladder->rows[i];
    json.begin_object().member("name", ladder_step_names[i]).member("at_p50", row.at_p50);
    json.member("at_p99", row.at_p99).member("took_p50", row.took_p50).end_object();
  }
  json.end_array().end_object();
}

void write_storm_figures(JsonWriter& json, std::string_view name, const StormFigures& figures) {
  json.key(name).begin_object().member("attempts_per_client", figures.attempts);
  json.member("peak_attempts_per_second", figures.peak_rate);
  json.member("back_after", figures.back).end_object();
}

void write_storms(JsonWriter& json, const std::vector<Storm>& storms) {
  json.key("storms").begin_array();
  for (const Storm& storm : storms) {
    json.begin_object().member("clients", storm.clients).member("outage", storm.outage);
    json.member("jitter", storm.jitter);
    write_storm_figures(json, "measured", storm.measured);
    write_storm_figures(json, "predicted", storm.predicted);
    json.end_object();
  }
  json.end_array();
}

void write_freshness(JsonWriter& json, const std::optional<Freshness>& fresh) {
  const auto member = [&](std::string_view name, double Freshness::*field) {
    optional_member(json, name, fresh ? std::optional(*fresh.*field) : std::nullopt);
  };
  member("mean_age", &Freshness::mean_age);
  member("peak_age", &Freshness::peak_age);
  member("fresh_share", &Freshness::fresh_share);
}

void write_latency(JsonWriter& json, const ArmReport& arm) {
  const bool measured = arm.has_times();
  const auto when_measured = [measured](const auto& value) {
    return measured ? std::optional(value) : std::nullopt;
  };
  optional_member(json, "mean", when_measured(arm.mean));
  interval_member(json, "mean_interval", when_measured(arm.mean_interval));
  interval_member(json, "p50", when_measured(arm.p50));
  interval_member(json, "p95", arm.p95);
  interval_member(json, "p99", arm.p99);
  optional_member(json, "deviation", when_measured(arm.deviation));
  optional_member(json, "client_deviation", arm.client_deviation);
  interval_member(json, "ratio_to_websocket", arm.ratio);
  json.member("distinguishable", arm.distinguishable);
  json.member("as_predicted", arm.as_predicted());
}

void write_per_event(JsonWriter& json, const ArmReport& arm) {
  json.key("per_event");
  if (arm.delivery_count == 0) {
    json.null();
    return;
  }
  json.begin_object();
  write_costs(json, arm.per_delivery);
  write_wire(json, arm);
  json.member("client_cpu_seconds", arm.client_cpu_per_delivery);
  json.member("empty_answers", arm.empty_answers_per_delivery).end_object();
}

void write_arm(JsonWriter& json, const ArmReport& arm, const BenchOptions& options) {
  json.begin_object();
  json.member("name", arm.arm.name);
  json.member("transport", measure::name_of(arm.arm.transport));
  json.member("control", arm.arm.control).member("weight", arm.arm.weight);
  write_prediction(json, arm, options);
  json.member("events", arm.event_count).member("deliveries", arm.delivery_count);
  json.member("missing", arm.missing).member("duplicates", arm.duplicates);
  json.member("flagged_blocks", arm.flagged_blocks);
  write_latency(json, arm);
  write_freshness(json, arm.freshness);
  optional_member(json, "first_event", arm.first_event);
  write_per_event(json, arm);
  json.end_object();
}

void write_noise(JsonWriter& json, const Noise& noise) {
  json.key("noise").begin_object().member("hiccup", noise.hiccup);
  json.member("steal_seconds", noise.steal_seconds);
  json.member("involuntary_switches", noise.involuntary_switches).end_object();
}

void write_block(JsonWriter& json, const Block& block, const std::string& arm) {
  json.begin_object();
  json.member("arm", arm).member("round", block.round).member("order", block.order);
  json.member("start", block.start).member("length", seconds(block.length));
  json.member("events", block.event_count).member("deliveries", block.delivery_count);
  json.member("missing", block.missing).member("duplicates", block.duplicates);
  json.member("empty_answers", block.empty_answers);
  json.member("mean", block.mean).member("p50", block.p50).member("p95", block.p95);
  json.member("max", block.max);
  optional_member(json, "client_deviation", block.client_deviation);
  write_freshness(json, block.freshness);
  optional_member(json, "first_event", block.first_event);
  json.key("sawtooth").begin_array();
  for (const measure::Refresh& each : block.sawtooth) {
    json.begin_object().member("at", each.at.count()).member("age", each.age.count()).end_object();
  }
  json.end_array();
  write_costs(json, block.costs);
  write_wire(json, block);
  json.member("client_cpu_seconds", block.client_cpu_seconds);
  write_noise(json, block.noise);
  json.member("flagged", block.flagged);
  json.member("latency_histogram", block.latency);
  json.member("lateness_histogram", block.lateness).end_object();
}

void write_run(JsonWriter& json, const BenchRun& run) {
  json.member("schema_version", run_schema_version);
  json.member("started", run.started);
  json.key("environment").begin_object();
  for (const auto& [name, value] : run.environment) json.member(name, value);
  json.end_object();
  write_units(json);
  write_options(json, run.options);
  json.member("scheduling", run.scheduling).member("wire_source", run.wire_source);
  write_warm_up(json, run.warm_up);
  write_clock(json, run.clock);
}

}  // namespace

std::string render_json(const BenchReport& report) {
  JsonWriter json;
  json.begin_object();
  write_run(json, report.run);
  json.member("rounds_completed", report.rounds);
  json.member("noisy_blocks_discarded", report.options.discard_noisy);
  json.member("flagged_blocks", report.flagged_blocks);
  optional_member(json, "noise_floor",
                  report.has_control ? std::optional(report.noise_floor) : std::nullopt);
  optional_member(json, "feed_lateness_p99", report.lateness_p99);
  json.member("feed_lateness_max", report.max_lateness);
  json.key("arms").begin_array();
  for (const ArmReport& arm : report.arms) write_arm(json, arm, report.run.options);
  json.end_array();
  write_idle(json, report.run.idle);
  write_ladder(json, report.run.ladder);
  write_storms(json, report.run.storms);
  json.member("verdict", verdict(report));
  json.key("blocks").begin_array();
  for (const Block& block : report.run.blocks) {
    write_block(json, block, report.run.arms[block.arm].name);
  }
  json.end_array().end_object();
  return json.text();
}

}  // namespace duplex::tools
