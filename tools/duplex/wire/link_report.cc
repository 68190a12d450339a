// What a link did.
#include "link_report.h"

#include "measure/format.h"
#include "measure/table.h"

namespace duplex::tools::wire {
namespace {

double seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

std::string late(const LinkCounters& counters) {
  return measure::format_duration(std::chrono::nanoseconds(counters.latest));
}

void add_row(measure::Table& table, const char* name, const LinkCounters& counters) {
  const auto fate = [&counters](Fate which) {
    return std::to_string(counters.fates[static_cast<std::size_t>(which)]);
  };
  table.add_row({name, std::to_string(counters.packets_in), std::to_string(counters.bytes_in),
                 std::to_string(counters.packets_out), std::to_string(counters.bytes_out),
                 fate(Fate::lost), fate(Fate::queue_full), fate(Fate::outage), fate(Fate::overflow),
                 std::to_string(counters.refused), std::to_string(counters.doubled),
                 std::to_string(counters.on_the_way), late(counters)});
}

void write_link(measure::JsonWriter& json, const LinkOptions& link) {
  json.key("asked").begin_object();
  json.member("delay", seconds(link.delay)).member("jitter", seconds(link.jitter));
  json.member("rate_bits_per_second", link.rate).member("loss", link.loss.share());
  json.member("reorder", link.reorder).member("duplicate", link.duplicate);
  json.member("text", describe(link)).end_object();
}

void write_counters(measure::JsonWriter& json, const LinkCounters& counters) {
  json.member("packets_in", counters.packets_in.load())
      .member("bytes_in", counters.bytes_in.load());
  json.member("packets_out", counters.packets_out.load());
  json.member("bytes_out", counters.bytes_out.load());
  json.key("dropped").begin_object();
  for (std::size_t i = 1; i < fate_names.size(); ++i) {
    json.member(fate_names[i], counters.fates[i].load());
  }
  json.member("refused", counters.refused.load()).end_object();
  json.member("doubled", counters.doubled.load());
  json.member("on_the_way", counters.on_the_way.load());
  json.member("latest_handover", seconds(std::chrono::nanoseconds(counters.latest)));
}

void add_row(measure::Table& table, const char* name, const RelayDirection& direction) {
  table.add_row({name, std::to_string(direction.bytes_in), std::to_string(direction.bytes_out),
                 std::to_string(direction.on_the_way), std::to_string(direction.cut()),
                 measure::format_duration(direction.latest)});
}

void write_counters(measure::JsonWriter& json, const RelayDirection& direction) {
  for (const char* name : {"packets_in", "packets_out", "dropped", "doubled", "on_the_way"}) {
    json.key(name).null();
  }
  json.member("bytes_in", direction.bytes_in).member("bytes_out", direction.bytes_out);
  json.member("bytes_on_the_way", direction.on_the_way).member("bytes_cut", direction.cut());
  json.member("latest_handover", seconds(direction.latest));
}

template <class Counters>
void write_direction(measure::JsonWriter& json, const char* name, const LinkOptions& link,
                     const Counters& counters) {
  json.key(name).begin_object();
  write_link(json, link);
  write_counters(json, counters);
  json.end_object();
}

}  // namespace

std::string render_text(const LinkReport& report) {
  using measure::Align;
  measure::Table table({{.heading = "direction", .align = Align::left},
                        {.heading = "packets in"},
                        {.heading = "bytes in"},
                        {.heading = "out"},
                        {.heading = "bytes out"},
                        {.heading = "lost"},
                        {.heading = "queue full"},
                        {.heading = "outage"},
                        {.heading = "overflow"},
                        {.heading = "refused"},
                        {.heading = "doubled"},
                        {.heading = "on the way"},
                        {.heading = "late by"}});
  add_row(table, "up", report.counters->up);
  add_row(table, "down", report.counters->down);
  return "link " + report.options.name + ": " + describe(report.options) + " · " + report.engine +
         " · seed " + std::to_string(report.options.seed) + "\n" + table.text();
}

std::string render_text(const RelayReport& report) {
  using measure::Align;
  measure::Table table({{.heading = "direction", .align = Align::left},
                        {.heading = "bytes in"},
                        {.heading = "bytes out"},
                        {.heading = "on the way"},
                        {.heading = "cut"},
                        {.heading = "late by"}});
  add_row(table, "up", report.counters.up);
  add_row(table, "down", report.counters.down);
  return "link " + report.options.name + ": " + describe(report.options) + " · relay, " +
         measure::format_duration(report.delay) +
         " each way · TCP connections: " + std::to_string(report.counters.connections) + "\n" +
         table.text() +
         "packets and what became of them: not known to a relay, which sees bytes of TCP alone\n";
}

void write_members(measure::JsonWriter& json, const LinkReport& report) {
  json.member("name", report.options.name).member("engine", report.engine);
  json.member("seed", report.options.seed).member("mtu", report.options.mtu);
  write_direction(json, "up", report.options.up, report.counters->up);
  write_direction(json, "down", report.options.down, report.counters->down);
}

std::string render_json(const LinkReport& report) {
  measure::JsonWriter json;
  json.begin_object().member("schema_version", 1);
  json.member("units", "packets are IP packets, bytes theirs, times seconds");
  write_members(json, report);
  json.end_object();
  return json.text();
}

std::string render_json(const RelayReport& report) {
  measure::JsonWriter json;
  json.begin_object().member("schema_version", 1);
  json.member("units",
              "bytes are those of TCP's payload, times seconds; null: a relay knows "
              "nothing of packets");
  json.member("name", report.options.name).member("engine", "relay");
  json.member("remark", relay_limits);
  json.member("delay_each_way", seconds(report.delay));
  json.member("connections", report.counters.connections);
  write_direction(json, "up", report.options.up, report.counters.up);
  write_direction(json, "down", report.options.down, report.counters.down);
  json.end_object();
  return json.text();
}

}  // namespace duplex::tools::wire
