// What `duplex load` prints.
#include "load_report.h"

#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include "measure/format.h"
#include "measure/json_writer.h"
#include "measure/statistics.h"

namespace duplex::tools {
namespace {

using measure::Seconds;

Seconds seconds_of(std::uint64_t nanoseconds) {
  return std::chrono::nanoseconds(static_cast<std::int64_t>(nanoseconds));
}

double per_second(std::uint64_t count, std::uint64_t nanoseconds) {
  return nanoseconds == 0 ? 0 : static_cast<double>(count) / seconds_of(nanoseconds).count();
}

// "p50 1.02 ms, p99 3.10 ms, max 5.00 ms"; a quantile that the sample cannot carry is left out.
std::string quantiles(const measure::Histogram& histogram) {
  std::string text;
  for (const double percentile : {50.0, 99.0, 99.9}) {
    if (!measure::is_supported(percentile / 100, histogram.total())) continue;
    const auto value = static_cast<std::uint64_t>(histogram.value_at_percentile(percentile));
    std::string name = measure::significant(percentile);
    if (name.ends_with(".0")) name.resize(name.size() - 2);
    text += "p" + name + " " + measure::format_duration(seconds_of(value)) + ", ";
  }
  const auto largest = static_cast<std::uint64_t>(histogram.max());
  return text + "max " + measure::format_duration(seconds_of(largest));
}

std::string counted(std::uint64_t count, std::string_view what) {
  return std::to_string(count) + ' ' + std::string(what);
}

// Bytes of memory of the server for each connection, user space only. Connections that took the
// place of others cost nothing of their own.
std::optional<double> memory_per_connection(const LoadTally& tally, const ServerUse& server) {
  if (!server.before || !server.ramped || tally.most_open == 0) return std::nullopt;
  const auto grown = static_cast<double>(server.ramped->resident_size) -
                     static_cast<double>(server.before->resident_size);
  return grown / static_cast<double>(tally.most_open);
}

// Of one core, while the load ran.
std::optional<double> cpu_share(const LoadTally& tally, const ServerUse& server) {
  if (!server.ramped || !server.after || tally.measured_time == 0) return std::nullopt;
  return (server.after->cpu_seconds - server.ramped->cpu_seconds) /
         seconds_of(tally.measured_time).count();
}

// ", 5 on their way", or nothing for none.
std::string and_counted(std::uint64_t count, std::string_view what) {
  return count == 0 ? std::string() : ", " + counted(count, what);
}

// "3 with 1009 (message too big), 1 with 1006"
std::string drops_text(const LoadTally& tally) {
  std::string text;
  for (const auto& [code, same] : tally.drops) {
    text += (text.empty() ? "" : ", ") + counted(same.count, "with ") + std::to_string(code);
    if (!same.reason.empty()) text += " (" + same.reason + ")";
  }
  return text;
}

class Lines {
 public:
  Lines& add(std::string_view label, const std::string& content) {
    text_ += measure::pad_right(label, 14) + content + '\n';
    return *this;
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

void add_messages(const LoadPlan& plan, const LoadTally& tally, Lines& lines) {
  if (plan.options.hold) return;
  lines.add("messages", counted(tally.sent, "sent, ") + counted(tally.received, "received, ") +
                            measure::format_rate(per_second(tally.received, tally.measured_time)) +
                            and_counted(tally.abandoned, "not waited for") +
                            and_counted(tally.skipped, "not sent for want of a connection"));
  lines.add("faults", counted(tally.lost, "lost, ") + counted(tally.corrupt, "corrupt, ") +
                          counted(tally.misplaced, "out of order, ") +
                          counted(tally.refused, "refused by a full queue"));
  if (tally.latency.total() != 0) lines.add("latency", quantiles(tally.latency));
  if (tally.late.total() != 0) lines.add("sent late", quantiles(tally.late));
}

void add_storms(const LoadPlan& plan, const LoadTally& tally, Lines& lines) {
  if (plan.options.storms == 0) return;
  if (tally.unrecovered != 0) {
    lines.add("recovery", counted(tally.unrecovered, "times not all came back after a reset"));
  } else {
    lines.add("recovery", "all back within " +
                              measure::format_duration(seconds_of(tally.recovery_time)) +
                              " of each reset");
  }
}

// "+1.50 KiB/min".
std::string growth_text(const std::optional<double>& per_second) {
  if (!per_second) return "–";
  const double per_minute = 60 * *per_second;
  return (per_minute < 0 ? "-" : "+") + measure::format_bytes(std::abs(per_minute)) + "/min";
}

void add_server(const LoadTally& tally, const ServerUse& server, Lines& lines) {
  if (const auto memory = memory_per_connection(tally, server)) {
    const std::string at_end =
        server.after ? measure::format_bytes(static_cast<double>(server.after->resident_size)) +
                           " in all at the end"
                     : "and it has ended";
    lines.add("server memory", measure::format_bytes(*memory) + " for each connection, " + at_end);
  }
  lines.add("memory slope", growth_text(server.growth));
  if (const auto share = cpu_share(tally, server)) {
    lines.add("server CPU", measure::format_share(*share) + " of a core");
  }
}

void write_quantiles(measure::JsonWriter& json, std::string_view name,
                     const measure::Histogram& histogram) {
  json.key(name).begin_object().member("count", histogram.total());
  for (const auto& [label, percentile] :
       {std::pair("p50_ns", 50.0), std::pair("p99_ns", 99.0), std::pair("p999_ns", 99.9)}) {
    json.key(label);
    const bool carried = measure::is_supported(percentile / 100, histogram.total());
    carried ? json.value(histogram.value_at_percentile(percentile)) : json.null();
  }
  json.member("max_ns", histogram.max()).end_object();
}

void write_drops(measure::JsonWriter& json, const LoadTally& tally) {
  json.key("drops").begin_array();
  for (const auto& [code, same] : tally.drops) {
    json.begin_object().member("code", code).member("count", same.count);
    json.member("reason", same.reason).end_object();
  }
  json.end_array();
}

void write_server(measure::JsonWriter& json, const LoadTally& tally, const ServerUse& server) {
  const auto write = [&json](std::string_view name, const std::optional<double>& value) {
    json.key(name);
    value ? json.value(*value) : json.null();
  };
  write("server_bytes_per_connection", memory_per_connection(tally, server));
  write("server_bytes_per_second", server.growth);
  write("server_cpu_share", cpu_share(tally, server));
  if (server.after) {
    json.member("server_resident_bytes", server.after->resident_size)
        .member("server_descriptors", server.after->descriptors);
  }
}

}  // namespace

std::string load_text(const LoadPlan& plan, const LoadTally& tally, const ServerUse& server) {
  Lines lines;
  lines.add("connections", counted(tally.opened, "opened, ") + counted(tally.failed, "failed, ") +
                               counted(tally.dropped, "dropped, ") +
                               counted(tally.open_at_end, "open at the end") +
                               and_counted(tally.opening_at_end, "still to be opened"));
  if (tally.missing != 0) {
    lines.add("missing", counted(tally.missing, "connections of processes that ended early"));
  }
  if (tally.silent != 0) {
    lines.add("silent", counted(tally.silent, "connections on which a last ping was not answered"));
  }
  if (!tally.failure.empty()) lines.add("failed", tally.failure);
  if (!tally.drops.empty()) lines.add("dropped", drops_text(tally));
  lines.add("ramp", measure::format_duration(seconds_of(tally.ramp_time)) + ", opening " +
                        quantiles(tally.opening));
  add_messages(plan, tally, lines);
  add_storms(plan, tally, lines);
  add_server(tally, server, lines);
  return lines.take();
}

std::string load_json(const LoadPlan& plan, const LoadTally& tally, const ServerUse& server) {
  measure::JsonWriter json;
  json.begin_object()
      .member("version", 1)
      .member("url", plan.options.url)
      .member("connections", plan.options.connections)
      .member("processes", plan.processes)
      .member("opened", tally.opened)
      .member("failed", tally.failed)
      .member("failure", tally.failure)
      .member("dropped", tally.dropped)
      .member("open_at_end", tally.open_at_end)
      .member("most_open", tally.most_open)
      .member("opening_at_end", tally.opening_at_end)
      .member("missing", tally.missing)
      .member("silent", tally.silent)
      .member("sent", tally.sent)
      .member("received", tally.received)
      .member("lost", tally.lost)
      .member("corrupt", tally.corrupt)
      .member("misplaced", tally.misplaced)
      .member("refused", tally.refused)
      .member("skipped", tally.skipped)
      .member("abandoned", tally.abandoned)
      .member("ramp_ns", tally.ramp_time)
      .member("measured_ns", tally.measured_time)
      .member("recovery_ns", tally.recovery_time)
      .member("unrecovered", tally.unrecovered);
  write_drops(json, tally);
  write_quantiles(json, "latency", tally.latency);
  write_quantiles(json, "late", tally.late);
  write_quantiles(json, "opening", tally.opening);
  write_server(json, tally, server);
  json.end_object();
  return json.text();
}

}  // namespace duplex::tools
