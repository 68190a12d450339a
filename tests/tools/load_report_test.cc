// What duplex load prints of its counts, its conditions and its server.
#include "../../tools/duplex/load/load_report.h"

#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "load_tallies.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

TEST(LoadReport, SaysWhatWentWrong) {
  const std::string text = load_text({}, some_tally(), {});
  EXPECT_TRUE(contains(text, "12 opened, 0 failed, 0 dropped")) << text;
  EXPECT_TRUE(contains(text, "failed        cannot connect to it\n")) << text;
  EXPECT_TRUE(contains(text, "dropped       1 with 1006, 2 with 1009 (message too big)\n")) << text;
  const std::string json = load_json({}, some_tally(), {});
  EXPECT_TRUE(contains(json, "\"reason\": \"message too big\"")) << json;
  EXPECT_TRUE(contains(text, "2000 sent, 1999 received")) << text;
  EXPECT_TRUE(contains(text, "1 lost, 0 corrupt")) << text;
  EXPECT_TRUE(contains(text, "p50 1.00 ms, p99 1.00 ms, max 9.00 ms")) << text;
  EXPECT_TRUE(contains(text, "sent late     p50 500 µs")) << text;
}

TEST(LoadReport, SaysWhatWasNotDone) {
  LoadTally tally = some_tally();
  EXPECT_FALSE(contains(load_text({}, tally, {}), "not waited for")) << "none";
  tally.missing = 5;
  tally.skipped = 6;
  tally.abandoned = 7;
  tally.opening_at_end = 8;
  tally.unrecovered = 9;
  tally.silent = 11;
  LoadPlan plan;
  plan.options.storms = 10;
  const std::string text = load_text(plan, tally, {});
  for (const std::string_view part :
       {"5 connections of processes", ", 6 not sent for want", ", 7 not waited for",
        ", 8 still to be opened", "9 times not all came back",
        "11 connections on which a last ping"}) {
    EXPECT_TRUE(contains(text, part)) << text;
  }
  EXPECT_FALSE(tally.is_faultless());
  EXPECT_EQ(tally_text(read_tally(tally_text(tally))), tally_text(tally));
}

TEST(LoadReport, TellsTheServersUse) {
  const ServerUse server = {.before = ProcessUse{.resident_size = 1000},
                            .ramped = ProcessUse{.cpu_seconds = 1, .resident_size = 101'000},
                            .after = ProcessUse{.cpu_seconds = 1.5, .resident_size = 4096},
                            .growth = -102.4};
  LoadTally tally = some_tally();
  tally.most_open = 100;
  const std::string text = load_text({}, tally, server);
  EXPECT_TRUE(contains(text, "1000 B for each connection, 4 KiB in all")) << text;
  EXPECT_TRUE(contains(text, "50.0 % of a core")) << text;
  EXPECT_TRUE(contains(text, "memory slope  -6 KiB/min\n")) << text;
  const std::string json = load_json({}, tally, server);
  EXPECT_TRUE(contains(json, "\"server_bytes_per_connection\": 1000")) << json;
  EXPECT_TRUE(contains(json, "\"server_resident_bytes\": 4096")) << json;
  EXPECT_TRUE(contains(json, "\"server_end\": null")) << json;
  EXPECT_TRUE(contains(json, "\"server_bytes_per_second\": -102.4")) << json;
  EXPECT_TRUE(contains(json, "\"p999_ns\": null")) << "1999 samples cannot carry it";
}

TEST(LoadReport, LeavesOpenWhatNobodyKnows) {
  const std::string text = load_text({}, some_tally(), {});
  EXPECT_TRUE(contains(text, "memory slope  –\n")) << text;
  EXPECT_FALSE(contains(text, "server memory")) << text;
  const std::string json = load_json({}, some_tally(), {});
  EXPECT_TRUE(contains(json, "\"server_bytes_per_second\": null")) << json;
}

// What the server does for itself is more than three connections cost.
TEST(LoadReport, SharesMemoryOutAmongManyConnectionsOnly) {
  const ServerUse server = {.before = ProcessUse{.resident_size = 1000},
                            .ramped = ProcessUse{.resident_size = 4000},
                            .after = ProcessUse{.resident_size = 4096}};
  LoadTally tally = some_tally();
  tally.most_open = 99;
  const std::string text = load_text({}, tally, server);
  EXPECT_TRUE(contains(text, "server memory 4 KiB in all at the end\n")) << text;
  const std::string json = load_json({}, tally, server);
  EXPECT_TRUE(contains(json, "\"server_bytes_per_connection\": null")) << json;
}

TEST(LoadReport, TellsHowTheServerHasEnded) {
  ServerUse server = {.before = ProcessUse{.resident_size = 1000},
                      .ramped = ProcessUse{.resident_size = 4000},
                      .has_ended = true};
  for (const auto& [status, sentence, name] :
       {std::tuple(std::optional(SIGKILL), "was ended by signal 9", "signal 9"),
        std::tuple(std::optional(3 << 8), "ended with exit code 3", "exit code 3"),
        std::tuple(std::optional<int>(), "has ended", "unknown")}) {
    server.status = status;
    const std::string text = load_text({}, some_tally(), server);
    EXPECT_TRUE(contains(text, "server        the server " + std::string(sentence) + "\n")) << text;
    EXPECT_FALSE(contains(text, "server memory")) << text;
    const std::string json = load_json({}, some_tally(), server);
    EXPECT_TRUE(contains(json, "\"server_end\": \"" + std::string(name) + "\"")) << json;
    EXPECT_TRUE(contains(json, "\"server_resident_bytes\": null")) << json;
    EXPECT_TRUE(contains(json, "\"server_descriptors\": null")) << json;
  }
}

// The line of the conditions.
std::string conditions_of(const LoadPlan& plan) {
  LoadTally tally = some_tally();
  tally.deflated = 4;
  const std::string text = load_text(plan, tally, {});
  return text.substr(0, text.find('\n'));
}

TEST(LoadReport, TellsItsConditions) {
  LoadPlan plan = {.seed = 7};
  plan.options.duration = 10s;
  EXPECT_EQ(
      conditions_of(plan),
      "conditions    closed loop, 1 under way on each connection, each 125 B, text, for 10.0 s, "
      "seed 7, no compression");
  plan.options.message_rate = 500;
  plan.options.binary = true;
  plan.options.deflate = true;
  EXPECT_EQ(conditions_of(plan),
            "conditions    open loop, 500/s in all, each 125 B, binary, for 10.0 s, seed 7, "
            "compression agreed on by 4 of 12 openings");
  plan.options.hold = true;
  EXPECT_TRUE(conditions_of(plan).starts_with("conditions    nothing is sent (--hold), for"));
  plan.options.hold = false;
  plan.options.feed = true;
  EXPECT_TRUE(contains(conditions_of(plan), "nothing is sent, events are checked (--feed), for"));
}

// The member of that name, up to the comma.
std::string condition(const LoadPlan& plan, const std::string& name) {
  const std::string json = load_json(plan, some_tally(), {});
  const std::size_t within = json.find("\"conditions\": {");
  const std::size_t begin = json.find("\"" + name + "\": ", within) + name.size() + 4;
  return json.substr(begin, json.find_first_of(",\n", begin) - begin);
}

TEST(LoadReport, HasItsConditionsInJson) {
  LoadPlan plan = {.spread = true, .seed = 7};
  plan.options.duration = 10s;
  plan.options.deflate = true;
  for (const auto& [name, value] : {std::pair("size", "125"),
                                    {"binary", "false"},
                                    {"rate", "null"},
                                    {"outstanding", "1"},
                                    {"deflate", "true"},
                                    {"hold", "false"},
                                    {"feed", "false"},
                                    {"visit", "null"},
                                    {"connect_rate", "null"},
                                    {"duration_ns", "10000000000"},
                                    {"spread", "true"},
                                    {"seed", "7"}}) {
    EXPECT_EQ(condition(plan, name), value) << name;
  }
  plan.options.message_rate = 500;
  EXPECT_EQ(condition(plan, "rate"), "500");
  EXPECT_EQ(condition(plan, "outstanding"), "null");
  plan.options.feed = true;
  for (const char* const name : {"size", "rate", "binary"}) {
    EXPECT_EQ(condition(plan, name), "null") << name;
  }
}

TEST(LoadReport, TellsWhatIsLateFromWhatIsLost) {
  LoadPlan plan;
  plan.options.patience = 5s;
  LoadTally tally = some_tally();
  tally.overdue = 23;
  const std::string text = load_text(plan, tally, {});
  EXPECT_TRUE(contains(text, "1 lost, 23 not back within 5.00 s (--patience), 0 corrupt")) << text;
  EXPECT_TRUE(contains(load_json(plan, tally, {}), "\"overdue\": 23"));
}

TEST(LoadReport, SaysNothingOfTimesThatThereWereNot) {
  LoadTally tally;
  tally.failed = 3;
  const std::string text = load_text({}, tally, {});
  EXPECT_TRUE(contains(text, ", opening –\n")) << text;
  EXPECT_TRUE(contains(text, "0 sent, 0 received, –\n")) << text;
}

}  // namespace
}  // namespace duplex::tools
