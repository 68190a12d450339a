// What `duplex load` prints.
#include "load_report.h"

#include <sys/wait.h>

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

// "9.34/s"; of no time nothing can be said.
std::string rate_text(std::uint64_t count, std::uint64_t nanoseconds) {
  if (nanoseconds == 0) return "–";
  return measure::format_rate(static_cast<double>(count) / seconds_of(nanoseconds).count());
}

// "p50 1.02 ms, p99 3.10 ms, max 5.00 ms"; a quantile that the sample cannot carry is left out.
std::string quantiles(const measure::Histogram& histogram) {
  if (histogram.total() == 0) return "–";
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
// place of others cost nothing of their own, and what is small is not the connections'.
std::optional<double> memory_per_connection(const LoadTally& tally, const ServerUse& server) {
  if (!server.before || !server.ramped) return std::nullopt;
  if (tally.most_open < fewest_for_a_share) return std::nullopt;
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

// "closed loop, 2 messages under way on each connection": what is sent.
std::string sent_text(const LoadOptions& options) {
  if (options.hold) return "nothing is sent (--hold)";
  if (options.feed) return "nothing is sent, events are checked (--feed)";
  std::string messages = measure::format_bytes(static_cast<double>(options.message_size));
  messages += options.binary ? ", binary" : ", text";
  if (options.message_rate > 0) {
    return "open loop, " + measure::format_rate(options.message_rate) + " in all, each " + messages;
  }
  return "closed loop, " + std::to_string(options.outstanding) +
         " under way on each connection, each " + messages;
}

std::string conditions_text(const LoadPlan& plan, const LoadTally& tally) {
  const LoadOptions& options = plan.options;
  std::string text = sent_text(options) + ", for " + measure::format_duration(options.duration);
  text += ", seed " + std::to_string(plan.seed);
  if (!options.deflate) return text + ", no compression";
  return text + ", compression agreed on by " + std::to_string(tally.deflated) + " of " +
         counted(tally.opened, "openings");
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
                            rate_text(tally.received, tally.measured_time) +
                            and_counted(tally.abandoned, "not waited for") +
                            and_counted(tally.skipped, "not sent for want of a connection"));
  const std::string overdue =
      "not back within " + measure::format_duration(plan.options.patience) + " (--patience)";
  lines.add("faults", counted(tally.lost, "lost") + and_counted(tally.overdue, overdue) + ", " +
                          counted(tally.corrupt, "corrupt, ") +
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

// "12 KiB for each connection, 4 MiB in all at the end", as far as it is known.
std::string memory_text(const LoadTally& tally, const ServerUse& server) {
  std::string text;
  if (const auto memory = memory_per_connection(tally, server)) {
    text = measure::format_bytes(*memory) + " for each connection";
  }
  if (!server.after) return text;
  if (!text.empty()) text += ", ";
  const auto resident = static_cast<double>(server.after->resident_size);
  return text + measure::format_bytes(resident) + " in all at the end";
}

// "signal 9", "exit code 3"; "unknown" of a server that somebody else had started.
std::string end_of(const ServerUse& server) {
  if (!server.status) return "unknown";
  if (WIFSIGNALED(*server.status)) return "signal " + std::to_string(WTERMSIG(*server.status));
  return "exit code " + std::to_string(WEXITSTATUS(*server.status));
}

std::string end_sentence(const ServerUse& server) {
  if (!server.status) return "the server has ended";
  const bool killed = WIFSIGNALED(*server.status);
  return (killed ? "the server was ended by " : "the server ended with ") + end_of(server);
}

void add_server(const LoadTally& tally, const ServerUse& server, Lines& lines) {
  if (server.has_ended) lines.add("server", end_sentence(server));
  const std::string memory = memory_text(tally, server);
  if (!memory.empty()) lines.add("server memory", memory);
  lines.add("memory slope", growth_text(server.growth));
  if (const auto share = cpu_share(tally, server)) {
    lines.add("server CPU", measure::format_share(*share) + " of a core");
  }
}

template <class T>
void write_if(measure::JsonWriter& json, std::string_view name, const std::optional<T>& value) {
  json.key(name);
  value ? json.value(*value) : json.null();
}

// What means nothing beside the others is null.
void write_conditions(measure::JsonWriter& json, const LoadPlan& plan) {
  const LoadOptions& options = plan.options;
  const bool sends = !options.hold && !options.feed;
  const bool open_loop = sends && options.message_rate > 0;
  const auto if_it = [](bool means_something, auto value) {
    return means_something ? std::optional(value) : std::nullopt;
  };
  json.key("conditions").begin_object();
  json.member("hold", options.hold).member("feed", options.feed);
  write_if(json, "size", if_it(sends, options.message_size));
  write_if(json, "binary", if_it(sends, options.binary));
  write_if(json, "rate", if_it(open_loop, options.message_rate));
  write_if(json, "outstanding", if_it(sends && !open_loop, options.outstanding));
  write_if(json, "visit", if_it(options.messages_per_visit != 0, options.messages_per_visit));
  write_if(json, "connect_rate", if_it(options.connect_rate > 0, options.connect_rate));
  json.member("deflate", options.deflate)
      .member("storms", options.storms)
      .member("stalled_share", options.stalled_share)
      .member("duration_ns", options.duration.count())
      .member("patience_ns", options.patience.count())
      .member("spread", plan.spread)
      .member("seed", plan.seed)
      .end_object();
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
  write_if(json, "server_bytes_per_connection", memory_per_connection(tally, server));
  write_if(json, "server_bytes_per_second", server.growth);
  write_if(json, "server_cpu_share", cpu_share(tally, server));
  json.key("server_resident_bytes");
  server.after ? json.value(server.after->resident_size) : json.null();
  json.key("server_descriptors");
  server.after ? json.value(server.after->descriptors) : json.null();
  json.key("server_end");
  server.has_ended ? json.value(end_of(server)) : json.null();
}

}  // namespace

std::string load_text(const LoadPlan& plan, const LoadTally& tally, const ServerUse& server) {
  Lines lines;
  lines.add("conditions", conditions_text(plan, tally));
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
      .member("processes", plan.processes);
  write_conditions(json, plan);
  json.member("opened", tally.opened)
      .member("deflated", tally.deflated)
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
      .member("overdue", tally.overdue)
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
