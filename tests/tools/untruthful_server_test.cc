// A bench of a server that says what cannot be.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "../../tools/duplex/bench/runner.h"
#include "duplex/endpoint/server.h"
#include "simulation/kernel.h"
#include "simulation/world.h"

namespace duplex::tools {
namespace {

// Answers with what it was told, and turns in the loop of the bench.
class UntruthfulServer : public testing::Test {
 protected:
  UntruthfulServer() {
    server_.get("/time", [this](Exchange& exchange) { say(exchange, time_); });
    server_.get("/metrics", [this](Exchange& exchange) {
      say(exchange, "duplex_feed_events_total " + events_ + "\n");
      events_ = events_later_;
    });
    options_.server = "127.0.0.1";
  }

  // Why a bench does not begin; empty when it does.
  std::string refusal() {
    std::string unknown;
    const std::vector<ArmSpec> arms = *make_arms({"ws"}, unknown);
    try {
      const BenchRunner runner(loop_, options_, arms, {.direct = "127.0.0.1", .http = "127.0.0.1"});
      return {};
    } catch (const BenchFailure& failure) {
      return failure.what();
    }
  }

  static void say(Exchange& exchange, std::string_view text) {
    exchange.respond(200, "text/plain; charset=utf-8", text);
  }

  BenchOptions options_ = {};
  std::string time_ = "2026-11-22T09:30:00.123Z 5025123456789\n";
  std::string events_ = "7";
  std::string events_later_ = "7";
  simulation::World world_;
  simulation::Kernel kernel_{world_};
  EventLoop loop_{kernel_};
  Server server_{loop_, {.port = 80}};
};

TEST_F(UntruthfulServer, IsMeasuredAsLongAsNothingContradictsIt) { EXPECT_EQ(refusal(), ""); }

TEST_F(UntruthfulServer, TellsNoTime) {
  for (const auto* time : {"", "\n", "5025123456789\n", "a\nb 5", "a b\n", "a -5\n", "a 5 6\n",
                           "a 1152921504606846976\n", "a 99999999999999999999999\n"}) {
    time_ = time;
    EXPECT_TRUE(refusal().starts_with("http://127.0.0.1/time does not tell the clock"))
        << time << ": " << refusal();
  }
  time_ = "a 1152921504606846975";  // 36 years
  EXPECT_EQ(refusal(), "");
}

TEST_F(UntruthfulServer, CountsNoEvents) {
  for (const auto* events : {"nan", "inf", "1e300", "seven", ""}) {
    events_ = events_later_ = events;
    EXPECT_TRUE(refusal().starts_with("http://127.0.0.1/metrics does not speak of a feed"))
        << events << ": " << refusal();
  }
  events_ = events_later_ = "-1";
  EXPECT_NE(refusal().find("fewer events than before: -1 after 0"), std::string::npos) << refusal();
}

TEST_F(UntruthfulServer, WasStartedAgain) {
  events_later_ = "3";
  EXPECT_EQ(refusal(),
            "http://127.0.0.1/metrics counts fewer events than before: 3 after 7; has the server "
            "been started again?");
}

}  // namespace
}  // namespace duplex::tools
