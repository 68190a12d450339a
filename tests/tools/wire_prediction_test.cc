// Bytes of an event on the wire, as theory has them, against figures by hand.
#include "../../tools/duplex/bench/wire_prediction.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <string>

#include "../../tools/duplex/bench/preset.h"
#include "measure/format.h"
#include "run_fixtures.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

// Events have three digits, periodic ones 250 ms between them; packets' own heads are 66 bytes.
BenchOptions options() {
  BenchOptions options;
  options.rate = 4;
  options.poisson = false;
  options.poll_interval = 250ms;
  options.warm_up = 0s;
  options.duration = 100s;
  return options;
}

std::optional<double> bytes(const std::string& name, const BenchOptions& options) {
  return predicted_wire_bytes(arms_of({name})[name == "ws" ? 0 : 1], options);
}

std::size_t size_of(std::string_view text) { return text.size(); }

const std::size_t request =
    size_of("GET /feed/lp?after=200 HTTP/1.1\r\nHost: 127.0.0.1:40000\r\n\r\n");
const std::size_t answer = size_of(
    "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
    "Content-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\n"
    "Content-Length: 65\r\n\r\n");

TEST(WirePrediction, OfAPushIsAPacketAndItsAcknowledgement) {
  EXPECT_EQ(bytes("ws", options()), 66 + 2 + 64 + 66);
  EXPECT_EQ(bytes("sse", options()),
            66 + size_of("50\r\nid: 200\ndata: ") + 64 + size_of("\n\n\r\n") + 66);
  EXPECT_EQ(bytes("tcp", options()), 66 + 64 + 1 + 66);
  EXPECT_EQ(bytes("echo", options()), 66 + 2 + 64 + 66 + 6 + 64 + 66);
  BenchOptions large = options();
  large.event_size = 1024;
  EXPECT_EQ(bytes("ws", large), 66 + 4 + 1024 + 66);
}

TEST(WirePrediction, TakesTheHeadsThatAreSent) {
  const measure::HeaderProfile heads = poll_heads(measure::Transport::long_poll, options());
  EXPECT_EQ(heads.poll_request, request);
  EXPECT_EQ(heads.poll_response, answer);
  EXPECT_EQ(heads.poll_empty_response, answer - 1);
  const auto conditional = poll_heads(measure::Transport::conditional_poll, options());
  EXPECT_EQ(conditional.poll_request,
            size_of("GET /feed/latest HTTP/1.1\r\nHost: 127.0.0.1:40000\r\n"
                    "If-None-Match: \"200\"\r\n\r\n"));
  EXPECT_EQ(conditional.poll_empty_response,
            size_of("HTTP/1.1 304 Not Modified\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                    "ETag: \"200\"\r\nCache-Control: no-cache\r\n\r\n"));
}

// Which no bench has the time for: sums of nanoseconds would not fit, and polls bring nothing.
TEST(WirePrediction, BearsWhatAFileMaySay) {
  BenchOptions endless = options();
  endless.warm_up = endless.duration = std::chrono::seconds(8'999'999'999);
  const auto heads = poll_heads(measure::Transport::long_poll, endless);
  EXPECT_EQ(heads.poll_request, request + size_of("35999999996") - size_of("200"));
  endless.poisson = true;
  endless.poll_interval = 1ns;
  EXPECT_GT(poll_heads(measure::Transport::short_poll, endless).poll_response, 0U);
}

TEST(WirePrediction, FillsTheHeadsUp) {
  BenchOptions filled = options();
  filled.heads = 871;
  auto heads = poll_heads(measure::Transport::short_poll, filled);
  EXPECT_EQ(heads.poll_request + heads.poll_response, 871U);
  filled.heads = request + answer + 10;  // too little for a cookie
  heads = poll_heads(measure::Transport::short_poll, filled);
  EXPECT_EQ(heads.poll_request + heads.poll_response, request + answer);
}

// A poll for each event, acknowledged alone as it is parked for 250 ms.
TEST(WirePrediction, OfALongPollIsARequestAndAnAnswer) {
  EXPECT_EQ(bytes("lp", options()),
            66 + static_cast<double>(request) + 66 + 66 + static_cast<double>(answer) + 65);
}

// Every second poll brings an event.
TEST(WirePrediction, OfAShortPollIsWhatItAsksForInVain) {
  BenchOptions often = options();
  often.poll_interval = 125ms;
  const double full = 66 + static_cast<double>(request + answer) + 65 + 66 + 66;
  const double empty = 66 + static_cast<double>(request + answer - 1) + 66 + 66;
  ASSERT_TRUE(bytes("sp", often));
  EXPECT_NEAR(*bytes("sp", often), full + empty, 1e-9);
}

// 42["event","..."], with no more framing than a message of WebSocket has.
TEST(WirePrediction, OfSocketIoIsItsJson) {
  EXPECT_EQ(bytes("sio-ws", options()), 66 + 2 + 14 + 64 + 66);
  EXPECT_EQ(bytes("sio-up", options()), 66 + 2 + 14 + 64 + 66);
  const std::size_t asked = size_of(
      "GET /feed/socket.io/?EIO=4&transport=polling&t=123456789012345.12&sid=12345678901234567890 "
      "HTTP/1.1\r\nHost: 127.0.0.1:40000\r\n\r\n");
  // Every page may read it.
  const std::size_t answered = answer + size_of("Access-Control-Allow-Origin: *\r\n");
  EXPECT_EQ(bytes("sio-lp", options()),
            66 + static_cast<double>(asked) + 66 + 66 + static_cast<double>(answered) + 78);
  BenchOptions silent = options();
  silent.content = "json";  // its quotes are escaped
  EXPECT_EQ(bytes("sio-ws", silent), std::nullopt);
  EXPECT_TRUE(bytes("ws", silent));
  BenchOptions filled = options();
  filled.heads = 871;  // by a cookie, which Socket.IO's client does not send
  EXPECT_EQ(bytes("sio-lp", filled), bytes("sio-lp", options()));
}

std::string expected_of(const std::string& preset) {
  std::ifstream file("tools/experiments/" + preset + ".conf");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return parse_preset(preset, text)->expected;
}

// How many times the bytes of WebSocket a poll has whose heads have that size.
std::string times_of_heads(std::uint64_t heads) {
  BenchOptions polled = options();
  polled.heads = heads;
  return measure::fixed(*bytes("sp", polled) / *bytes("ws", polled), 1);
}

TEST(WirePrediction, IsWhatTheExperimentsPromise) {
  const std::string leap = expected_of("quantum-leap");
  for (const std::uint64_t heads : {0U, 566U, 871U}) {
    EXPECT_NE(leap.find(times_of_heads(heads)), std::string::npos) << times_of_heads(heads);
  }
  // A poll that brings five events sends more than five pushes, one that brings six fewer.
  const double push = *bytes("ws", options());
  const double around_poll = 3 * 66 + 566;
  EXPECT_GT(around_poll + 5 * 65, 5 * push);
  EXPECT_LT(around_poll + 6 * 65, 6 * push);
  EXPECT_NE(expected_of("frontier").find("six events or more"), std::string::npos);
  // 566 bytes of heads, and the end of a line, beside the head of a frame.
  EXPECT_NE(expected_of("equal-bandwidth").find("9.5 times at 64 B"), std::string::npos);
  EXPECT_EQ(measure::fixed((566 + 64) / 66.0, 1), "9.5");
}

TEST(WirePrediction, IsSilentWhereTheoryIs) {
  BenchOptions silent = options();
  silent.coalesce = 5ms;
  EXPECT_EQ(bytes("ws", silent), std::nullopt);
  EXPECT_TRUE(bytes("lp", silent));
  silent = options();
  silent.chaos = "nagle";
  EXPECT_EQ(bytes("echo", silent), std::nullopt);
  silent = options();
  silent.event_size = 2000;
  EXPECT_EQ(bytes("ws", silent), std::nullopt);
  EXPECT_EQ(bytes("lp", silent), std::nullopt);
  silent.event_size = 47;
  EXPECT_EQ(bytes("ws", silent), std::nullopt);
  silent.event_size = 128;
  EXPECT_EQ(bytes("ws-deflate", silent), std::nullopt);
  silent.event_size = 127;
  EXPECT_EQ(bytes("ws-deflate", silent), 66 + 4 + 127 + 66);
}

}  // namespace
}  // namespace duplex::tools
