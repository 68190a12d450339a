// permessage-deflate through whole servers and clients: RFC 7692.
#include "duplex/codec/deflate.h"

#include <gtest/gtest.h>

#include <map>
#include <new>
#include <stdexcept>

#include "../support/allocations.h"
#include "../support/rows.h"
#include "../support/simulated.h"
#include "../support/wire.h"
#include "answers.h"
#include "endpoint/broadcast.h"

namespace duplex {
namespace {

using std::chrono::milliseconds;
using support::RawPeer;
using support::SimulatedServer;
using websocket::DeflateOptions;

const DeflateOptions willing = {
    .threshold = 1, .context_takeover = true, .peer_context_takeover = true};

void serve_echo(Server& server, const std::optional<DeflateOptions>& deflate) {
  server.websocket("/ws",
                   {.on_open = [](Connection& peer, const auto&) { peer.subscribe("all"); },
                    .on_message = [](Connection& peer, Message message) { peer.send(message); }},
                   {.subprotocols = {"chat"}, .deflate = deflate});
}

// --- The opening ---------------------------------------------------------------------------------

// What a server that agrees to anything answers to the W rows about compression.
const std::map<std::string, std::string> answers_to_rows = {
    {"W40", "permessage-deflate"},
    {"W41", "permessage-deflate"},
    {"W42", "permessage-deflate; client_max_window_bits=15"},
    {"W43", "permessage-deflate; server_max_window_bits=15"},
    {"W44", ""},
    {"W45", ""},
    {"W46", ""},
    {"W47", ""},
    {"W48", "permessage-deflate; server_max_window_bits=10"},
    {"W49", ""},
    {"W50", ""},
    {"W51", ""},
    {"W52", "permessage-deflate"},
    {"W53", "permessage-deflate"},
    {"W54", ""},
    {"W55", ""}};

TEST(DeflateOpening, EachRowIsAnsweredAsRequired) {
  std::size_t count = 0;
  for (const auto& row : support::load_rows("http_requests.json").array) {
    const auto expected = answers_to_rows.find(row["id"].string);
    if (expected == answers_to_rows.end()) continue;
    ++count;
    SimulatedServer world;
    serve_echo(*world.server, willing);
    RawPeer peer(world);
    peer.send(support::bytes_of(row["bytes"]));
    peer.run_for(milliseconds(20));
    const auto answers = parse_answers(peer.received(), false);
    ASSERT_EQ(statuses_of(answers), "101") << expected->first;
    EXPECT_EQ(answers[0].field("Sec-WebSocket-Extensions"), expected->second) << expected->first;
  }
  EXPECT_EQ(count, answers_to_rows.size());
}

TEST(DeflateOpening, AServerRefusesOptionsThatCannotBe) {
  SimulatedServer world;
  try {
    serve_echo(*world.server, DeflateOptions{.max_window_bits = 16});
    ADD_FAILURE() << "accepted";
  } catch (const std::invalid_argument& refusal) {
    EXPECT_STREQ(refusal.what(), "deflate of /ws: max_window_bits is 16, not 8 to 15");
  }
  serve_echo(*world.server, willing);  // the path is not taken
}

TEST(DeflateOpening, AClientFailsWithOptionsThatCannotBe) {
  SimulatedServer world;
  serve_echo(*world.server, willing);
  Client client(world.client_side.loop);
  std::string failure;
  client.connect("ws://127.0.0.1/ws",
                 {.on_failure = [&](const OpeningFailure& why) { failure = why.message; }},
                 {.deflate = DeflateOptions{.peer_max_window_bits = 7}});
  world.runner.run_for(milliseconds(50));
  EXPECT_EQ(failure, "deflate: peer_max_window_bits is 7, not 8 to 15");
}

// --- Messages ------------------------------------------------------------------------------------

std::string compressed_frame(std::string_view message) {
  codec::Deflater deflater;
  std::vector<std::byte> out(message.size() + 1000);
  const auto progress = deflater.deflate(as_bytes(message), out, codec::Flush::sync);
  return support::client_frame(
      0xC1, as_text(Bytes(out).first(progress.produced - codec::flush_tail_size)));
}

// A thousand bytes may become a million: others have their turn in between.
TEST(DeflateWork, OfAPeerIsLimitedInATurn) {
  SimulatedServer world;
  std::string order;
  world.server->websocket(
      "/ws",
      {.on_message = [&](Connection&,
                         Message message) { order += message.payload.size() == 1 ? 'x' : 'B'; }},
      {.deflate = willing});
  RawPeer greedy(world);
  RawPeer modest(world);
  const std::string extension = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
  greedy.send(support::opening_request("/ws", extension));
  modest.send(support::opening_request());
  const std::string bomb = compressed_frame(std::string(std::size_t{1} << 20, 'a'));
  std::string bombs;
  for (int i = 0; i < 40; ++i) bombs += bomb;
  EXPECT_EQ(greedy.offer(bombs), bombs.size());
  EXPECT_GT(modest.offer(support::client_frame(0x81, "x")), 0U);
  greedy.run_for(milliseconds(200));
  EXPECT_EQ(order.size(), 41U);
  EXPECT_LT(order.find('x'), 6U) << order;
}

std::string text_of(std::size_t size) {
  std::string text;
  while (text.size() < size) text += "{\"id\": " + std::to_string(text.size()) + "}, ";
  text.resize(size);
  return text;
}

// A server and a client that offers; both sides may be set up otherwise.
class DeflateMessages : public testing::Test {
 protected:
  void start(const std::optional<DeflateOptions>& server,
             const std::optional<DeflateOptions>& client) {
    serve_echo(*world_.server, server);
    id_ = client_.connect("ws://127.0.0.1/ws",
                          {.websocket = {.on_message =
                                             [this](Connection&, Message message) {
                                               received_.emplace_back(message.text());
                                             }}},
                          {.deflate = client});
    world_.runner.run_for(milliseconds(50));
  }
  void send(const std::string& text) {
    Connection* const peer = client_.find(id_);
    ASSERT_NE(peer, nullptr);
    peer->send_text(text);
    world_.runner.run_for(milliseconds(50));
  }
  std::uint64_t server_sent() { return world_.server->stats().bytes_sent; }

  SimulatedServer world_;
  Client client_{world_.client_side.loop};
  ConnectionId id_;
  std::vector<std::string> received_;
};

TEST_F(DeflateMessages, AreEchoedCompressed) {
  start(DeflateOptions{}, DeflateOptions{});
  const std::uint64_t before = server_sent();
  std::vector<std::string> expected;
  for (const std::size_t size : {200u, 5000u, 300'000u}) {
    send(text_of(size));
    expected.push_back(text_of(size));
  }
  EXPECT_EQ(received_, expected);
  EXPECT_LT(server_sent() - before, 305'200u / 2);
}

TEST_F(DeflateMessages, WorkWithoutAgreement) {
  start({}, willing);
  send(text_of(2000));
  EXPECT_EQ(received_, std::vector{text_of(2000)});
  EXPECT_GT(server_sent(), 2000u);
}

TEST_F(DeflateMessages, ReferToEarlierOnesWhereThatIsAgreed) {
  start(willing, willing);
  send(text_of(2000));
  const std::uint64_t before = server_sent();
  send(text_of(2000));
  EXPECT_LT(server_sent() - before, 60u);
  EXPECT_EQ(received_, std::vector(2, text_of(2000)));
}

// --- Broadcasts ----------------------------------------------------------------------------------

TEST(DeflateBroadcast, ReachesEveryKindOfReceiver) {
  SimulatedServer world;
  const std::vector<std::optional<DeflateOptions>> kinds = {
      std::nullopt, DeflateOptions{}, DeflateOptions{.peer_max_window_bits = 9}, willing};
  serve_echo(*world.server, willing);
  Client client(world.client_side.loop);
  int received = 0;
  const std::string text = text_of(5000);
  for (const auto& kind : kinds) {
    client.connect("ws://127.0.0.1/ws",
                   {.websocket = {.on_message =
                                      [&](Connection&, Message message) {
                                        EXPECT_EQ(message.text(), text);
                                        ++received;
                                      }}},
                   {.deflate = kind});
  }
  world.runner.run_for(milliseconds(50));
  const std::uint64_t before = world.server->stats().bytes_sent;
  EXPECT_EQ(world.server->publish("all", text_message(text)), 4u);
  EXPECT_EQ(world.server->broadcast(text_message(text)), 4u);
  world.runner.run_for(milliseconds(50));
  EXPECT_EQ(received, 8);
  const std::uint64_t plain = 2 * (text.size() + 4);
  EXPECT_LT(world.server->stats().bytes_sent - before, plain + 3 * plain / 2);
  EXPECT_EQ(world.server->broadcast(text_message("\xff")), 0u);
}

// However many routes ask for it.
TEST(DeflateBroadcast, IsCompressedOnceForEachSetOfParameters) {
  const std::string text(1000, 'a');
  websocket::DeflateWorkshop workshop;
  endpoint::Broadcast broadcast(text_message(text), workshop);
  const DeflateOptions one;
  const DeflateOptions same;
  const DeflateOptions smaller = {.level = 9};
  const auto frame = broadcast.deflated(one, 15);
  EXPECT_EQ(broadcast.deflated(same, 15), frame);
  EXPECT_NE(broadcast.deflated(same, 12), frame);
  EXPECT_NE(broadcast.deflated(smaller, 15), frame);
}

// R57: the peer would not understand what follows a message that only our compressor has seen.
TEST(DeflateBroadcast, R57WithoutMemoryForOneMessageTheConnectionEnds) {
  const std::string text = text_of(5000);
  int ended = 0;
  for (std::size_t successes = 0; ended == static_cast<int>(successes); ++successes) {
    SimulatedServer world;
    std::error_code error;
    world.server->websocket(
        "/ws", {.on_close = [&](Connection&, const CloseEvent& event) { error = event.error; }},
        {.deflate = willing});
    Client client(world.client_side.loop);
    client.connect("ws://127.0.0.1/ws", {}, {.deflate = willing});
    world.runner.run_for(milliseconds(50));
    try {
      const support::FailingAllocation failing(successes);
      world.server->broadcast(text_message(text));
    } catch (const std::bad_alloc&) {
      world.runner.run_for(milliseconds(10));
      EXPECT_EQ(error, std::errc::not_enough_memory) << successes;
      EXPECT_EQ(world.server->stats().connections, 0u) << successes;
      EXPECT_EQ(client.connection_count(), 0u) << successes;
      ++ended;
    }
  }
  EXPECT_GT(ended, 1);
}

}  // namespace
}  // namespace duplex
