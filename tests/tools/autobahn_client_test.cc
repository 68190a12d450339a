// The client of a fuzzing server, at servers that are none: in virtual time.
#include "../../tools/duplex/check/autobahn_client.h"

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "../../tools/duplex/poll_set.h"
#include "duplex/websocket/handshake.h"
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
    return ask_there();
  }
  AutobahnSummary ask_there() {
    AutobahnClient client(loop_, "ws://127.0.0.1", "me", [](const auto&, const auto&) {});
    client.start();
    loop_.run();
    return client.summary();
  }

  // The server answers 101, says this, and closes.
  AutobahnSummary hear(std::string_view garbage) {
    net::Address address = *net::Address::parse("127.0.0.1", 80);
    const int listener = listen_on(kernel_, address);
    loop_.run_after(50ms, [this, listener, garbage] { answer(listener, garbage); });
    const AutobahnSummary summary = ask_there();
    kernel_.close(listener);
    return summary;
  }
  void answer(int listener, std::string_view garbage) {
    const int peer = kernel_.accept(listener, nullptr);
    std::string request(4096, '\0');
    const auto size = kernel_.recv(peer, std::as_writable_bytes(std::span(request)));
    ASSERT_GT(size, 0);
    const std::size_t key = request.find("Sec-WebSocket-Key: ") + 19;
    const std::string text =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: " +
        websocket::accept_value(request.substr(key, 24)) + "\r\n\r\n" + std::string(garbage);
    const Bytes bytes = as_bytes(text);
    kernel_.writev(peer, std::span(&bytes, 1));
    kernel_.close(peer);
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
  EXPECT_EQ(summary.problem, "ws://127.0.0.1/getCaseCount?agent=me: the number of cases is 'many'");
  EXPECT_LT(loop_.now() - start, 60s);
}

TEST_F(AutobahnClientTest, SaysWhyNoNumberCame) {
  const AutobahnSummary summary = hear("");
  EXPECT_EQ(summary.problem,
            "ws://127.0.0.1/getCaseCount?agent=me: closed with 1006 (no Close frame) before the "
            "number of cases came");
  EXPECT_FALSE(summary.violation);
}

TEST_F(AutobahnClientTest, CallsGarbageAViolation) {
  const AutobahnSummary summary = hear("\xff garbage");
  EXPECT_TRUE(summary.violation);
  EXPECT_TRUE(summary.problem.starts_with(
      "ws://127.0.0.1/getCaseCount?agent=me: closed with 1006 (RSV bits"))
      << summary.problem;
}

TEST_F(AutobahnClientTest, SaysWhyNoVerdictCame) {
  Server server(loop_, {.port = 80});
  server.websocket("/getCaseCount", {.on_open = [](Connection& peer, const auto&) {
                     peer.send_text("1");
                     peer.close();
                   }});
  const WebSocketHandlers leaves = {.on_open = [](Connection& peer, const auto&) {
    peer.close(CloseCode::going_away, "no more");
  }};
  server.websocket("/runCase", leaves);
  server.websocket("/getCaseStatus", leaves);
  EXPECT_EQ(ask_there().problem,
            "ws://127.0.0.1/getCaseStatus?case=1&agent=me: closed with 1001 (no more) before the "
            "verdict came");
}

}  // namespace
}  // namespace duplex::tools::suite
