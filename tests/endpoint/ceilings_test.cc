// What one hostile connection may cost at most: the frame rows through a whole server, with every
// byte counted that is allocated at any moment.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "../support/allocations.h"
#include "../support/rows.h"
#include "websocket_flow.h"

namespace duplex {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::RawPeer;

constexpr std::size_t kibibyte = 1024;
constexpr std::size_t limit = 1024 * kibibyte;  // of a message
// The two simulated kernels' buffers, what the peer has received, the connection itself.
constexpr std::size_t surroundings = 1024 * kibibyte;
// A message that grows while it is collected exists twice for a moment.
constexpr std::size_t one_message = 2 * limit;

struct Attack {
  std::string bytes;
  std::string extensions;
};

std::map<std::string, Attack> load_attacks() {
  std::map<std::string, Attack> attacks;
  for (const support::Json& row : support::load_rows("frames.json").array) {
    Attack& attack = attacks[row["id"].string];
    attack.extensions = row["extensions"].string;
    for (const support::Json& step : row["steps"].array) {
      attack.bytes += support::bytes_of(step["send"]);
    }
  }
  return attacks;
}

class Ceilings : public WebSocketFlow {
 protected:
  Ceilings()
      : WebSocketFlow(options(), {.deflate = websocket::DeflateOptions{
                                      .context_takeover = true, .peer_context_takeover = true}}) {}
  static ServerOptions options() {
    ServerOptions options;
    options.websocket.max_message_size = limit;
    options.websocket.send_limit = limit;
    return options;
  }
  std::unique_ptr<RawPeer> open_for(const Attack& attack) {
    const bool plain = attack.extensions.empty();
    return open(plain ? "" : "Sec-WebSocket-Extensions: " + attack.extensions + "\r\n");
  }
  // As fast as the server takes it, without reading anything.
  void flood(RawPeer& peer, std::string_view bytes) {
    for (int idle = 0; !bytes.empty() && idle < 100; ++idle) {
      const std::size_t taken = peer.offer(bytes);
      bytes.remove_prefix(taken);
      if (taken != 0) idle = 0;
      world_.runner.run_for(milliseconds(1));
    }
  }
};

TEST_F(Ceilings, OfEveryFrameRow) {
  const auto attacks = load_attacks();
  EXPECT_GT(attacks.size(), 170U);
  for (const auto& [id, attack] : attacks) {
    const auto peer = open_for(attack);
    const support::PeakAllocation peak;
    flood(*peer, attack.bytes);
    EXPECT_LE(peak.size(), one_message + surroundings) << id;
  }
  world_.runner.run_for(seconds(120));
  EXPECT_EQ(world_.server->stats().connections, 0U);
}

// Lengths that are only announced cost nothing.
TEST_F(Ceilings, F14ToF19AnAnnouncedLength) {
  const auto attacks = load_attacks();
  for (const char* id : {"F14", "F15", "F16", "F17", "F18", "F19"}) {
    const auto peer = open();
    const support::PeakAllocation peak;
    flood(*peer, attacks.at(id).bytes);
    EXPECT_LE(peak.size(), 64 * kibibyte) << id;
  }
}

TEST_F(Ceilings, F40F41AFloodOfFragments) {
  const auto attacks = load_attacks();
  for (const char* id : {"F40", "F41"}) {
    const auto peer = open();
    const support::PeakAllocation peak;
    flood(*peer, attacks.at(id).bytes);
    // Twice the payload of at most 131,072 bytes, and not an object for each fragment.
    EXPECT_LE(peak.size(), 2 * 131'072 + surroundings) << id;
  }
  EXPECT_EQ(closed_, 2);
  EXPECT_EQ(messages_, 0);
}

TEST_F(Ceilings, F61T07AFloodOfPingsWhoseAnswersAreNotRead) {
  const auto peer = open();
  const std::string pings = load_attacks().at("F61").bytes;
  const support::PeakAllocation peak;
  for (int i = 0; i < 5; ++i) flood(*peer, pings);
  EXPECT_LE(peak.size(), surroundings);
  // The last of them may still wait in the kernel.
  EXPECT_GE(world_.server->stats().bytes_received + 64 * kibibyte, 5 * pings.size());
  EXPECT_EQ(closed_, 0) << "only the newest ping is owed an answer";
  const auto* connection = world_.server->find(id_);
  ASSERT_NE(connection, nullptr);
  EXPECT_LE(connection->queued_bytes(), 64 * kibibyte);
}

TEST_F(Ceilings, F120ToF123ADeflateBomb) {
  const auto attacks = load_attacks();
  std::vector<std::unique_ptr<RawPeer>> peers;
  for (const char* id : {"F120", "F121", "F122", "F123"}) {
    peers.push_back(open_for(attacks.at(id)));
    const support::PeakAllocation peak;
    flood(*peers.back(), attacks.at(id).bytes);
    EXPECT_LE(peak.size(), one_message + surroundings) << id;
  }
  EXPECT_EQ(messages_, 1) << "F122 is just small enough";
  EXPECT_EQ(closed_, 3);
}

// What a bomb took is given back before the next one.
TEST_F(Ceilings, F120ManyBombsCostNoMoreThanOne) {
  const Attack bomb = load_attacks().at("F120");
  std::vector<std::unique_ptr<RawPeer>> peers;
  for (int i = 0; i < 20; ++i) peers.push_back(open_for(bomb));
  const support::PeakAllocation peak;
  for (const auto& peer : peers) flood(*peer, bomb.bytes);
  EXPECT_EQ(closed_, 20);
  EXPECT_LE(peak.size(), one_message + surroundings + 20 * 48 * kibibyte) << "windows, once each";
}

}  // namespace
}  // namespace duplex
