// Reads back what the bench wrote.
#include "run_json.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "../json_fields.h"
#include "../output_file.h"
#include "../printable.h"
#include "../units.h"
#include "measure/histogram_payload.h"

namespace duplex::tools {
namespace {

// A run of 10,000 rounds of 7 arms is within these.
constexpr codec::JsonLimits file_limits = {
    .max_size = max_input_size, .max_depth = 16, .max_values = 8'000'000};

BenchOptions read_options(const JsonFields& fields) {
  BenchOptions options;
  options.server = fields.text("server");
  options.link = fields.text("link");
  options.delay = fields.duration("one_way_delay");
  options.rate = fields.number("rate");
  if (!is_rate(options.rate)) fields.complain("rate", "a number from 0.001 to 1000000");
  options.poisson = fields.one_of("distribution", {"poisson", "periodic"}) == "poisson";
  options.poll_interval = fields.duration("poll_interval");
  options.poll_clock = fields.one_of("poll_clock", {"delay", "rate"});
  const bool is_paced = options.delay.count() > 0 && !options.polls_at_rate();
  if (options.poll_interval.count() == 0 && !is_paced) {
    fields.complain("poll_interval", "seconds above 0, unless one_way_delay paces the polls");
  }
  options.event_size = fields.count("event_size");
  options.content = fields.one_of("content", {"letter", "json", "random"});
  options.heads = fields.count("heads");
  options.coalesce = fields.duration("coalesce");
  options.chaos = fields.text("chaos");
  options.wait = fields.one_of("wait", {"sleep", "spin"});
  options.place = fields.one_of("place", {"free", "same", "split"});
  options.order = fields.one_of("order", {"interleaved", "sequential"});
  options.warm_up = fields.duration("warm_up");
  options.duration = fields.duration("duration");
  options.rounds = fields.count("rounds");
  options.clients = fields.count("clients");
  options.seed = fields.count("seed");
  return options;
}

WarmUp read_warm_up(const JsonFields& fields) {
  return {.seconds = fields.number("seconds"),
          .deliveries = fields.count("deliveries"),
          .change = fields.optional_number("last_change"),
          .settled = fields.flag("settled")};
}

ArmSpec read_arm(const JsonFields& fields) {
  const auto transport = transport_of(fields.text("transport"));
  if (!transport) fields.complain("transport", "the name of a transport");
  return {.name = fields.text("name"),
          .transport = transport.value_or(measure::Transport::websocket),
          .control = fields.flag("control"),
          .weight = fields.number("weight")};
}

Costs read_costs(const JsonFields& fields) {
  Costs costs = {.bytes = fields.number("bytes"),
                 .requests = fields.number("requests"),
                 .system_calls = fields.number("system_calls"),
                 .cpu_seconds = fields.number("server_cpu_seconds")};
  const JsonFields calls = fields.object("system_calls_by_name");
  calls.each_member([&](const std::string& name, const codec::JsonValue&) {
    if (printable(name) != name) calls.complain(name, "a name without control characters");
    costs.calls[name] = calls.number(name);
  });
  return costs;
}

void read_wire(const JsonFields& fields, Block& block) {
  const auto wire = fields.optional_object("wire");
  if (!wire) return;
  block.wire_payload = wire->number("payload");
  block.wire_deliveries = wire->count("deliveries");
  block.wire = WireBytes{.content = wire->number("content"),
                         .heads = wire->number("heads"),
                         .packet_headers = wire->number("packet_headers"),
                         .acknowledgements = wire->number("acknowledgements"),
                         .empty_polls = wire->number("empty_polls"),
                         .sent_again = wire->number("sent_again"),
                         .packets = wire->number("packets")};
}

std::optional<Freshness> read_freshness(const JsonFields& fields) {
  const auto age = fields.optional_seconds("mean_age");
  if (!age) return std::nullopt;
  return Freshness{.mean_age = *age,
                   .peak_age = fields.seconds("peak_age"),
                   .fresh_share = fields.share("fresh_share")};
}

std::string read_histogram(const JsonFields& fields, std::string_view name) {
  std::string text = fields.text(name);
  if (!measure::decode_histogram(text)) fields.complain(name, "a histogram of HdrHistogram's log");
  return text;
}

std::size_t read_arm_index(const JsonFields& fields, const std::vector<ArmSpec>& arms) {
  const std::string name = fields.text("arm");
  const auto found = std::find_if(arms.begin(), arms.end(),
                                  [&name](const ArmSpec& arm) { return arm.name == name; });
  if (found == arms.end()) {
    fields.complain("arm", "the name of one of the arms");
    return 0;
  }
  return static_cast<std::size_t>(found - arms.begin());
}

std::size_t read_round(const JsonFields& fields) {
  constexpr std::uint64_t most = 1'000'000;
  const std::uint64_t round = fields.count("round");
  if (round > most) fields.complain("round", "at most 1000000");
  return std::min(round, most);
}

Block read_block(const JsonFields& fields, const std::vector<ArmSpec>& arms) {
  const JsonFields noise = fields.object("noise");
  Block block = {.arm = read_arm_index(fields, arms),
                 .round = read_round(fields),
                 .order = fields.count("order"),
                 .start = fields.instant("start"),
                 .length = fields.duration("length"),
                 .event_count = fields.count("events"),
                 .delivery_count = fields.count("deliveries"),
                 .missing = fields.count("missing"),
                 .duplicates = fields.count("duplicates"),
                 .empty_answers = fields.count("empty_answers"),
                 .mean = fields.seconds("mean"),
                 .p50 = fields.seconds("p50"),
                 .p95 = fields.seconds("p95"),
                 .max = fields.seconds("max"),
                 .client_deviation = fields.optional_seconds("client_deviation"),
                 .latency = read_histogram(fields, "latency_histogram"),
                 .lateness = read_histogram(fields, "lateness_histogram"),
                 .freshness = read_freshness(fields),
                 .first_event = fields.optional_seconds("first_event"),
                 .costs = read_costs(fields),
                 .client_cpu_seconds = fields.number("client_cpu_seconds"),
                 .noise = {.hiccup = noise.seconds("hiccup"),
                           .steal_seconds = noise.number("steal_seconds"),
                           .involuntary_switches = noise.number("involuntary_switches")},
                 .flagged = fields.flag("flagged")};
  read_wire(fields, block);
  fields.each_object("sawtooth", [&block](const JsonFields& each) {
    block.sawtooth.push_back(
        {.at = measure::Seconds(each.number("at")), .age = measure::Seconds(each.number("age"))});
  });
  return block;
}

IdleCost read_idle(const JsonFields& fields) {
  return {.transport = fields.text("transport"),
          .connections = fields.count("connections"),
          .seconds = fields.number("seconds"),
          .user_memory = fields.number("user_memory_per_connection"),
          .kernel_memory = fields.number("kernel_memory_per_connection"),
          .wake_ups_per_second = fields.number("wake_ups_per_second"),
          .cpu_share = fields.number("server_cpu_share"),
          .wire_bytes_per_second = fields.number("wire_bytes_per_second")};
}

StormFigures read_storm_figures(const JsonFields& fields) {
  return {.attempts = fields.number("attempts_per_client"),
          .peak_rate = fields.number("peak_attempts_per_second"),
          .back = fields.number("back_after")};
}

Storm read_storm(const JsonFields& fields) {
  return {.clients = fields.count("clients"),
          .outage = fields.number("outage"),
          .jitter = fields.one_of("jitter", {"none", "half", "full"}),
          .measured = read_storm_figures(fields.object("measured")),
          .predicted = read_storm_figures(fields.object("predicted"))};
}

// Absent in runs from before there was one.
std::optional<ForeignClock> read_clock(const JsonFields& fields) {
  const auto clock = fields.optional_object("server_clock");
  if (!clock) return std::nullopt;
  return ForeignClock{.ahead = clock->number("ahead"),
                      .error = clock->seconds("error"),
                      .comparisons = clock->count("comparisons")};
}

std::optional<Ladder> read_ladder(const JsonFields& fields) {
  const auto object = fields.optional_object("ladder");
  if (!object) return std::nullopt;
  Ladder ladder = {.frames = object->count("frames"), .dropped = object->count("dropped")};
  std::size_t row = 0;
  object->each_object("steps", [&](const JsonFields& each) {
    if (row == ladder_step_count) return;
    ladder.rows[row++] = {.at_p50 = each.number("at_p50"),
                          .at_p99 = each.number("at_p99"),
                          .took_p50 = each.number("took_p50")};
  });
  return ladder;
}

Environment read_environment(const JsonFields& fields) {
  Environment environment;
  fields.each_member([&](const std::string& name, const codec::JsonValue&) {
    if (printable(name) != name) fields.complain(name, "a name without control characters");
    environment[name] = fields.text(name);
  });
  return environment;
}

BenchRun read_fields(const JsonFields& fields) {
  BenchRun run = {.options = read_options(fields.object("options")),
                  .environment = read_environment(fields.object("environment")),
                  .scheduling = fields.text("scheduling"),
                  .wire_source = fields.text("wire_source"),
                  .started = fields.seconds("started"),
                  .warm_up = read_warm_up(fields.object("warm_up")),
                  .clock = read_clock(fields)};
  fields.each_object("arms", [&](const JsonFields& arm) { run.arms.push_back(read_arm(arm)); });
  if (run.arms.empty()) fields.complain("arms", "at least one arm");
  fields.each_object("idle", [&](const JsonFields& each) { run.idle.push_back(read_idle(each)); });
  run.ladder = read_ladder(fields);
  fields.each_object("storms",
                     [&](const JsonFields& each) { run.storms.push_back(read_storm(each)); });
  fields.each_object("blocks", [&](const JsonFields& block) {
    run.blocks.push_back(read_block(block, run.arms));
  });
  return run;
}

}  // namespace

BenchRun read_run(const JsonFields& fields) {
  const std::uint64_t version = fields.count("schema_version");
  if (version == run_schema_version) return read_fields(fields);
  fields.complain("schema_version", std::to_string(run_schema_version));
  return {};
}

Result<codec::JsonValue, std::string> parse_run(std::string_view text) {
  auto parsed = codec::parse_json(text, file_limits);
  if (!parsed) return Failure{"not JSON: " + parsed.error().message};
  return *std::move(parsed);
}

Result<BenchRun, std::string> run_from(const codec::JsonValue& value) {
  std::string problem;
  const JsonFields fields(value, "", problem);
  const std::uint64_t version = fields.count("schema_version");
  if (problem.empty() && version != run_schema_version) {
    return Failure{"a run of schema_version " + std::to_string(version) + "; this reads " +
                   std::to_string(run_schema_version) + " alone"};
  }
  if (!problem.empty()) return Failure{std::move(problem)};
  BenchRun run = read_fields(fields);
  if (!problem.empty()) return Failure{std::move(problem)};
  return run;
}

Result<BenchRun, std::string> read_run(std::string_view text) {
  const auto parsed = parse_run(text);
  if (!parsed) return Failure{parsed.error()};
  return run_from(*parsed);
}

}  // namespace duplex::tools
