// A run as a file: it keeps to its schema, and reads back as it was.
#include "../../tools/duplex/bench/run_json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>

#include "../../tools/duplex/bench/environment.h"
#include "../../tools/duplex/bench/render.h"
#include "../../tools/duplex/output_file.h"
#include "json_schema.h"
#include "run_fixtures.h"
#include "simulated_bench.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

std::string schema_text() {
  std::ifstream file("tools/duplex/run.schema.json");
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string problem_with(const std::string& text) {
  const auto schema = codec::parse_json(schema_text());
  const auto value = codec::parse_json(text);
  if (!schema) return "schema: " + schema.error().message;
  if (!value) return value.error().message;
  return JsonSchema(*schema).problem(*value);
}

// The first of what stands there made another.
std::string with(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

// Every member has a value of its own.
BenchRun full_run() {
  BenchRun run = good_run(2);
  run.options.server = "127.0.0.1:9001";
  run.options.link = "home: 20ms each way, by TUN";
  run.options.poisson = false;
  run.options.poll_clock = "rate";
  run.options.content = "json";
  run.options.heads = 871;
  run.options.coalesce = 5ms;
  run.options.chaos = "nagle,stall=1ms@1s";
  run.options.wait = "spin";
  run.options.place = "split";
  run.options.order = "sequential";
  run.options.seed = 7;
  run.environment = {{"kernel", "Linux \"x\""}, {"commit", "abc"}};
  run.scheduling = "real-time";
  run.wire_source = "AF_PACKET on lo";
  run.started = 1'704'067'200.25;
  run.warm_up = {.seconds = 2.5, .deliveries = 1200, .change = 0.02, .settled = true};
  run.clock = {.ahead = -12.5, .error = 40e-6, .comparisons = 3};
  run.idle = {{.transport = "websocket",
               .connections = 1000,
               .seconds = 10,
               .user_memory = 600,
               .kernel_memory = 5000,
               .wake_ups_per_second = 3,
               .cpu_share = 0.5,
               .wire_bytes_per_second = 70}};
  run.ladder = {.frames = 20, .dropped = 1};
  run.ladder->rows[1] = {.at_p50 = 3e-6, .at_p99 = 8e-6, .took_p50 = 1e-6};
  run.storms = {{.clients = 500,
                 .outage = 3.25,
                 .jitter = "none",
                 .measured = {.attempts = 3, .peak_rate = 900, .back = 4},
                 .predicted = {.attempts = 2, .peak_rate = 800, .back = 3}}};
  Block& block = run.blocks[1];
  block.start = 1.5;
  block.missing = 3;
  block.duplicates = 4;
  block.empty_answers = 5;
  block.freshness = {.mean_age = 0.1, .peak_age = 0.2, .fresh_share = 0.9};
  block.first_event = 0.04;
  block.client_deviation = 0.003;
  block.sawtooth = {{.at = measure::Seconds(0), .age = measure::Seconds(0.25)},
                    {.at = measure::Seconds(0.5), .age = measure::Seconds(0.125)}};
  block.costs.calls = {{"recv", 12}, {"writev", 13}};
  block.wire = {.content = 700,
                .heads = 600,
                .packet_headers = 500,
                .acknowledgements = 400,
                .empty_polls = 300,
                .sent_again = 200,
                .packets = 10};
  block.wire_payload = 640;
  block.wire_deliveries = 11;
  block.client_cpu_seconds = 0.25;
  block.noise = {.hiccup = 0.3, .steal_seconds = 0.02, .involuntary_switches = 8};
  block.flagged = true;
  return run;
}

TEST(RunJson, KeepsToItsSchema) {
  EXPECT_EQ(problem_with(render_json(make_report(full_run()))), "");
  EXPECT_EQ(problem_with(render_json(make_report(run_of({})))), "");
  BenchRun described = good_run();
  described.environment = describe_environment("duplex bench");
  EXPECT_EQ(problem_with(render_json(make_report(described))), "");
}

// What theory says of more than the mean.
TEST(RunJson, HasTheWholePrediction) {
  const auto predicted = [](const BenchRun& run, std::size_t arm, std::string_view member) {
    const auto json = codec::parse_json(render_json(make_report(run)));
    return json->find("arms")->array()->at(arm).find("predicted")->find(member)->number();
  };
  BenchRun run = good_run();  // polls every 290 ms, 20 ms away
  EXPECT_NEAR(*predicted(run, 3, "p50"), 0.165, 1e-9);
  EXPECT_NEAR(*predicted(run, 3, "p99"), 0.02 + 0.99 * 0.29, 1e-9);
  EXPECT_NEAR(*predicted(run, 3, "max"), 0.31, 1e-9);
  EXPECT_NEAR(*predicted(run, 3, "empty_share"), std::exp(-2.9), 1e-9);
  EXPECT_EQ(predicted(run, 0, "empty_share"), 0);
  run.options.coalesce = std::chrono::milliseconds(5);
  EXPECT_EQ(predicted(run, 0, "p99"), std::nullopt);
}

TEST(RunJson, IsWhatASimulatedBenchWrites) {
  BenchOptions options =
      options_of({"ws", "sse", "lp", "sp", "echo", "sio-ws", "sio-up", "sio-lp"});
  options.duration = 20s;
  EXPECT_EQ(problem_with(render_json(make_report(SimulatedBench(options).run()))), "");
}

TEST(RunJson, SchemaFindsWhatDoesNotFit) {
  const std::string text = render_json(make_report(full_run()));
  const auto changed = [&text](const char* from, const char* to) {
    return problem_with(with(text, from, to));
  };
  EXPECT_EQ(changed("\"schema_version\": 6", "\"schema_version\": 7"),
            "$.schema_version: another value");
  EXPECT_EQ(changed("\"settled\": true", "\"settled\": 1"), "$.warm_up.settled: another type");
  EXPECT_EQ(changed("\"scheduling\"", "\"schedule\""), "$: lacks scheduling");
  EXPECT_EQ(changed("\"periodic\"", "\"weekly\""), "$.options.distribution: none of those allowed");
  EXPECT_EQ(changed("\"rounds\": 4", "\"rounds\": -4"), "$.options.rounds: too small");
  EXPECT_EQ(changed("\"order\": 0,", "\"order\": 0, \"x\": 1,"),
            "$.blocks[0]: has x, which is not described");
}

// The same text again: nothing that was measured has been lost.
TEST(RunJson, ReadsBackAsItWas) {
  for (const bool discard_noisy : {false, true}) {
    const std::string text = render_json(make_report(full_run(), {.discard_noisy = discard_noisy}));
    auto read = read_run(text);
    ASSERT_TRUE(read) << read.error();
    EXPECT_EQ(render_json(make_report(*std::move(read), {.discard_noisy = discard_noisy})), text);
  }
}

TEST(RunJson, NamesThePlaceOfWhatItRefuses) {
  const std::string text = render_json(make_report(full_run()));
  const auto refusal = [&text](std::string_view from, std::string_view to) {
    const auto read = read_run(with(text, from, to));
    return read ? "(read)" : read.error();
  };
  EXPECT_EQ(refusal("\"schema_version\": 6", "\"schema_version\": 3"),
            "a run of schema_version 3; this reads 6 alone");
  EXPECT_EQ(refusal("{", ""), "not JSON: expected the end of the text at byte 19");
  for (const std::string rate : {"0", "0.0009", "1e300", "-1"}) {
    EXPECT_EQ(refusal("\"rate\": 10", "\"rate\": " + rate),
              "options.rate: expected a number from 0.001 to 1000000");
  }
  EXPECT_EQ(refusal("\"one_way_delay\": 0.02", "\"one_way_delay\": 0"), "(read)");
  EXPECT_EQ(refusal("\"coalesce\": 0.005", "\"coalesce\": -1"),
            "options.coalesce: expected seconds from 0 to 9e9");
  EXPECT_EQ(refusal("\"coalesce\": 0.005", "\"coalesce\": \"5ms\""),
            "options.coalesce: expected a number");
  EXPECT_EQ(refusal("\"content\": \"json\"", "\"content\": \"smoke\""),
            "options.content: expected letter or json or random");
  EXPECT_EQ(refusal("\"periodic\"", "\"weekly\""),
            "options.distribution: expected poisson or periodic");
  EXPECT_EQ(refusal("\"seed\": 7", "\"seed\": 7.5"),
            "options.seed: expected an integer, not below 0");
  EXPECT_EQ(refusal("\"scheduling\": \"real-time\"", "\"scheduling\": null"),
            "scheduling: expected a string");
  EXPECT_EQ(refusal("\"settled\": true", "\"settled\": null"),
            "warm_up.settled: expected true or false");
  EXPECT_EQ(refusal("\"options\"", "\"choices\""), "options: expected an object");
  EXPECT_EQ(refusal("\"transport\": \"sse\"", "\"transport\": \"smoke\""),
            "arms[1].transport: expected the name of a transport");
  EXPECT_EQ(refusal("\"arm\": \"sse\"", "\"arm\": \"smoke\""),
            "blocks[1].arm: expected the name of one of the arms");
  EXPECT_EQ(refusal("\"round\": 0", "\"round\": 1000001"),
            "blocks[0].round: expected at most 1000000");
  EXPECT_EQ(refusal("HISTF", "HISTG"),
            "blocks[0].latency_histogram: expected a histogram of HdrHistogram's log");
  EXPECT_EQ(refusal("\"recv\": 12", "\"recv\": true"),
            "blocks[1].system_calls_by_name.recv: expected a number");
  EXPECT_EQ(refusal("\"Linux \\\"x\\\"\"", "6"), "environment.kernel: expected a string");
  EXPECT_EQ(refusal("\"blocks\"", "\"block\""), "blocks: expected an array");
  EXPECT_EQ(refusal("\"split\"", "\"apart\""), "options.place: expected free or same or split");
  EXPECT_EQ(refusal("\"spin\"", "true"), "options.wait: expected a string");
  EXPECT_EQ(read_run("[1,2]").error(), "expected an object");
  EXPECT_FALSE(read_run(""));
}

TEST(RunJson, RefusesTimesThatCannotBe) {
  const std::string text = render_json(make_report(full_run()));
  const auto refusal = [&text](const std::string& name, const std::string& value) {
    const std::size_t at = text.find("\"" + name + "\": ", text.find("\"blocks\""));
    const std::size_t begin = at + name.size() + 4;
    const std::size_t end = text.find_first_of(",}\n", begin);
    const auto read = read_run(text.substr(0, begin) + value + text.substr(end));
    return read ? "(read)" : read.error();
  };
  for (const std::string name :
       {"mean", "p50", "p95", "max", "client_deviation", "first_event", "hiccup"}) {
    for (const std::string value : {"-1", "1e300"}) {
      EXPECT_TRUE(refusal(name, value).ends_with(name + ": expected seconds from 0 to 9e9"))
          << name << value << ": " << refusal(name, value);
    }
  }
  EXPECT_NE(refusal("mean_age", "-1").find("mean_age: expected seconds"), std::string::npos);
}

// A day has a date, and a block a place in the order of all, only within what integers hold.
TEST(RunJson, RefusesInstantsThatNobodyCanName) {
  const std::string text = render_json(make_report(full_run()));
  const auto refusal = [&text](std::string_view from, std::string_view to) {
    const auto read = read_run(with(text, from, to));
    return read ? "(read)" : read.error();
  };
  const std::string_view started = "\"started\": 1704067200.25";
  EXPECT_EQ(refusal(started, "\"started\": 1e300"), "started: expected seconds from 0 to 9e9");
  EXPECT_EQ(refusal(started, "\"started\": -1"), "started: expected seconds from 0 to 9e9");
  const std::string_view start = "\"start\": 1.5";
  for (const std::string value : {"1e300", "-1e300", "9e9"}) {
    EXPECT_EQ(refusal(start, "\"start\": " + value),
              "blocks[1].start: expected seconds between -9e9 and 9e9");
  }
  // Where a later run was merged with an earlier one.
  EXPECT_EQ(refusal(start, "\"start\": -3600"), "(read)");
}

// Theory has no answer to that, nor has a server the time.
TEST(RunJson, RefusesPollsWithoutAPause) {
  BenchRun run = full_run();
  run.options.delay = 0ns;
  run.options.poll_interval = 1ns;
  run.options.poll_clock = "delay";
  const std::string text = render_json(make_report(run));
  EXPECT_TRUE(read_run(text));
  EXPECT_EQ(
      read_run(with(text, "\"poll_interval\": 1e-09", "\"poll_interval\": 0")).error(),
      "options.poll_interval: expected seconds above 0, unless one_way_delay paces the polls");
  run.options.delay = 20ms;
  const std::string paced = with(render_json(make_report(run)), "1e-09", "0");
  EXPECT_TRUE(read_run(paced));
  EXPECT_FALSE(read_run(with(paced, "\"delay\"", "\"rate\"")));
}

TEST(RunJson, RefusesWhatMovesATerminalsCursor) {
  const std::string text = render_json(make_report(full_run()));
  const auto refusal = [&text](std::string_view from, std::string_view to) {
    const auto read = read_run(with(text, from, to));
    return read ? "(read)" : read.error();
  };
  EXPECT_EQ(refusal("\"scheduling\": \"real-time\"", R"("scheduling": "\u001b[31mEVIL")"),
            "scheduling: expected a string without control characters");
  EXPECT_EQ(refusal("\"kernel\"", R"("ker\u001bnel")"),
            "environment.ker\\x1bnel: expected a name without control characters");
}

// The largest that `bench` can be asked for: 10,000 rounds of 7 arms.
TEST(RunJson, IsWithinWhatAFileMayHave) {
  BenchOptions options = options_of({"ws", "sse", "lp", "sp", "echo", "latest"});
  const auto size_of = [&options](std::size_t rounds) {
    options.rounds = rounds;
    options.duration = rounds * 5s;
    return render_json(make_report(SimulatedBench(options).run())).size();
  };
  EXPECT_LT((size_of(4) - size_of(2)) / 2 * 10'000, max_input_size);
}

TEST(RunJson, WantsAnArm) {
  EXPECT_EQ(read_run(R"({"schema_version": 6, "started": 0, "environment": {}, "scheduling": "",
      "wire_source": "",
      "options": {"server": "", "link": "", "one_way_delay": 0, "rate": 1,
                  "distribution": "poisson", "poll_interval": 1,
                  "poll_clock": "delay", "event_size": 0, "heads": 0,
                  "coalesce": 0, "chaos": "", "wait": "sleep", "place": "free",
                  "content": "letter", "order": "interleaved",
                  "warm_up": 0, "duration": 0, "rounds": 0,
                  "clients": 0, "seed": 0},
      "warm_up": {"seconds": 0, "deliveries": 0, "last_change": null, "settled": false},
      "arms": [], "idle": [], "ladder": null, "storms": [], "blocks": []})")
                .error(),
            "arms: expected at least one arm");
}

TEST(Environment, DescribesMachineAndProgram) {
  const Environment environment = describe_environment("duplex bench --rate 4/s");
  EXPECT_EQ(environment.at("command_line"), "duplex bench --rate 4/s");
  EXPECT_TRUE(environment.at("kernel").starts_with("Linux "));
  for (const char* const name :
       {"commit", "compiler", "compiler_flags", "processor", "governor", "clocksource",
        "clock_cost", "container", "virtual_machine", "net.ipv4.tcp_congestion_control"}) {
    EXPECT_FALSE(environment.at(name).empty()) << name;
  }
}

}  // namespace
}  // namespace duplex::tools
