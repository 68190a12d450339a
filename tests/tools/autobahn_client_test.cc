// The client of a fuzzing server, at servers that are none: in virtual time.
#include "../../tools/duplex/check/autobahn_client.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "simulation/kernel.h"
#include "simulation/world.h"

namespace duplex::tools::suite {
namespace {

using namespace std::chrono_literals;

class AutobahnClientTest : public testing::Test {
 protected:
  // The server takes a question for its number of cases as the handlers say.
  AutobahnSummary ask(WebSocketHandlers handlers) {
    Server server(loop_, {.port = 80});
    server.websocket("/getCaseCount", std::move(handlers));
    AutobahnClient client(loop_, "ws://127.0.0.1", "me", [](const auto&, const auto&) {});
    client.start();
    loop_.run();
    return client.summary();
  }

  simulation::World world_{{.seed = 1, .link = {.delay = 5ms}}};
  simulation::Kernel kernel_{world_};
  EventLoop loop_{kernel_};
};

TEST_F(AutobahnClientTest, GivesUpWhereNothingIsAnswered) {
  const auto start = loop_.now();
  EXPECT_EQ(ask({}).problem, "ws://127.0.0.1/getCaseCount?agent=me: no answer within 60 s");
  EXPECT_GE(loop_.now() - start, 60s);
}

TEST_F(AutobahnClientTest, GivesUpWhereNoNumberIsAnswered) {
  const auto start = loop_.now();
  const AutobahnSummary summary = ask({.on_open = [](Connection& peer, const auto&) {
    peer.send_text("many");
    peer.close();
  }});
  EXPECT_EQ(summary.problem, "the number of cases is 'many'");
  EXPECT_LT(loop_.now() - start, 60s);
}

}  // namespace
}  // namespace duplex::tools::suite
