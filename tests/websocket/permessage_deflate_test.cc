// permessage-deflate in both directions and roles: RFC 7692 section 7.2.
#include "duplex/websocket/permessage_deflate.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "../support/allocations.h"
#include "session.h"

namespace duplex::websocket {
namespace {

using support::repeated;

std::string random_bytes(std::size_t size) {
  std::minstd_rand random(7);
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(random() >> 8);
  return bytes;
}

// A server and a client that have agreed; what one sends, the other receives.
class Pair {
 public:
  Pair(const DeflateParameters& agreed, const DeflateOptions& options,
       ProtocolOptions protocol = {})
      : options_(options), server(Role::server, protocol), client(Role::client, protocol) {
    server->set_extension(make_permessage_deflate(Role::server, agreed, options_, workshop));
    client->set_extension(make_permessage_deflate(Role::client, agreed, options_, workshop));
  }

  // Both ways; returns the bytes on the wire of the server's frame.
  std::size_t exchange(const std::string& message) {
    client->send_binary(as_bytes(message));
    server.receive(client.sent_bytes());
    EXPECT_EQ(server.events().back(), "binary " + message);
    server->send_binary(as_bytes(message));
    const std::string bytes = server.sent_bytes();
    client.receive(bytes);
    EXPECT_EQ(client.events().back(), "binary " + message);
    return bytes.size();
  }

 private:
  DeflateOptions options_;

 public:
  DeflateWorkshop workshop;
  Session server;
  Session client;
};

std::vector<std::string> messages() {
  return {"",
          "a",
          "Hello, hello, hello!",
          repeated("{\"temperature\": 21.5, \"unit\": \"C\"}", 40),
          repeated("abcdefgh", 20'000),
          random_bytes(300),
          repeated(random_bytes(1000), 3),
          random_bytes(70'000),
          "Hello, hello, hello!"};
}

TEST(PermessageDeflate, BothWaysWithEveryParameter) {
  for (const int bits : {8, 9, 12, 15}) {
    for (const bool takeover : {false, true}) {
      const DeflateParameters agreed = {.server_no_context_takeover = !takeover,
                                        .client_no_context_takeover = !takeover,
                                        .server_max_window_bits = bits,
                                        .client_max_window_bits = bits};
      for (const int level : {0, 1, 6, 9}) {
        Pair pair(agreed, {.level = level, .threshold = 0});
        for (const std::string& message : messages()) pair.exchange(message);
        EXPECT_EQ(pair.server->state(), State::open) << bits << " " << takeover << " " << level;
      }
    }
  }
}

// Each side keeps to the window of its own direction.
TEST(PermessageDeflate, BothWaysWithWindowsThatDiffer) {
  for (const auto& [server_bits, client_bits] : {std::pair(8, 15), {15, 8}}) {
    for (const bool takeover : {false, true}) {
      Pair pair({.server_no_context_takeover = !takeover,
                 .client_no_context_takeover = !takeover,
                 .server_max_window_bits = server_bits,
                 .client_max_window_bits = client_bits},
                {.threshold = 0});
      for (const std::string& message : messages()) pair.exchange(message);
      EXPECT_EQ(pair.server->state(), State::open) << takeover;
    }
  }
}

TEST(PermessageDeflate, TakesItsContextOver) {
  const std::string message = random_bytes(300);
  Pair with({}, {.threshold = 0});
  const std::size_t first = with.exchange(message);
  EXPECT_LT(with.exchange(message), first / 5);
  Pair without({.server_no_context_takeover = true}, {.threshold = 0});
  EXPECT_EQ(without.exchange(message), without.exchange(message));
}

TEST(PermessageDeflate, LeavesShortAndRandomMessagesAlone) {
  Pair pair({.server_no_context_takeover = true}, {.threshold = 100});
  const std::string shorter(99, 'a');
  const std::string long_enough(100, 'a');
  const std::string random = random_bytes(100);
  pair.server->send_binary(as_bytes(shorter));
  pair.server->send_binary(as_bytes(long_enough));
  pair.server->send_binary(as_bytes(random));
  const auto frames = pair.server.sent();
  ASSERT_EQ(frames.size(), 3u);
  EXPECT_EQ(frames[0].first_byte, 0x82u);
  EXPECT_EQ(frames[1].first_byte, 0xC2u);
  EXPECT_EQ(frames[2].first_byte, 0x82u);
}

TEST(PermessageDeflate, LeavesLongMessagesAlone) {
  Pair pair({.server_no_context_takeover = true}, {.max_size = 1000});
  pair.server->send_binary(as_bytes(std::string(1000, 'a')));
  pair.server->send_binary(as_bytes(std::string(1001, 'a')));
  const auto frames = pair.server.sent();
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0].first_byte, 0xC2u);
  EXPECT_EQ(frames[1].first_byte, 0x82u);
}

TEST(PermessageDeflate, CountsWhatItHasMade) {
  Pair pair({}, {.threshold = 0});
  EXPECT_EQ(pair.server->decoded_size(), 0U);
  for (const std::uint64_t sum : {1000U, 2000U}) {
    pair.client->send_binary(as_bytes(std::string(1000, 'a')));
    pair.server.receive(pair.client.sent_bytes());
    EXPECT_EQ(pair.server->decoded_size(), sum);
  }
}

// Five bytes become five, and six become five.
TEST(PermessageDeflate, CompressesOnlyWhatBecomesSmaller) {
  for (const auto& [size, first_byte] : {std::pair(5u, 0x82u), {6u, 0xC2u}}) {
    Pair pair({.server_no_context_takeover = true}, {.threshold = 0});
    pair.server->send_binary(as_bytes(std::string(size, 'a')));
    EXPECT_EQ(pair.server.sent().at(0).first_byte, first_byte);
    DeflateWorkshop workshop;
    codec::Deflater deflater({.level = 1});
    EXPECT_EQ(workshop.compress(as_bytes(std::string(size, 'a')), deflater).size(), 5u);
  }
}

TEST(PermessageDeflate, RefusesWhatBecomesTooBig) {
  const std::string bomb(100'000, '\0');
  for (const auto& [limit, code] : {std::pair(100'000u, 0u), std::pair(99'999u, 1009u)}) {
    Pair sender({}, {.threshold = 0});
    sender.client->send_binary(as_bytes(bomb));
    Pair receiver({}, {.threshold = 0}, {.max_message_size = limit});
    receiver.server.receive(sender.client.sent_bytes());
    if (code == 0) {
      EXPECT_EQ(receiver.server.events(), Lines{"binary " + bomb});
    } else {
      receiver.server.expect_failed(Violation::message_too_big, code);
    }
  }
}

TEST(PermessageDeflate, RefusesWhatGrowsTooMuch) {
  const std::string bomb(500'000, '\0');
  Pair sender({}, {.threshold = 0});
  sender.client->send_binary(as_bytes(bomb));
  Pair receiver({}, {.threshold = 0, .max_ratio = 100});
  receiver.server.receive(sender.client.sent_bytes());
  receiver.server.expect_failed(Violation::message_too_big, 1009);
}

// What is not used any more holds no memory: rows T17 and F120 to F123.
TEST(PermessageDeflate, KeepsNoMemoryBetweenMessages) {
  const std::string message = repeated("abcdefgh", 20'000);
  const DeflateOptions options;
  DeflateWorkshop workshop;
  const std::string payload(as_text(workshop.compress(as_bytes(message), 1, 15)));
  const std::size_t before = support::live_allocation_size();
  const auto extension = make_permessage_deflate(
      Role::server, {.server_no_context_takeover = true, .client_no_context_takeover = true},
      options, workshop);
  for (int i = 0; i < 3; ++i) {
    MutableBytes decoded;
    ASSERT_EQ(extension->decode(as_bytes(payload), true, message.size(), decoded), Violation::none);
    EXPECT_TRUE(as_text(decoded) == message);
    Bytes encoded;
    EXPECT_TRUE(extension->encode(as_bytes(message), encoded));
    extension->release();
    EXPECT_LT(support::live_allocation_size() - before, 200u) << "an idle connection";
  }
}

// Blocks that hold nothing cost no memory, however many they are.
TEST(PermessageDeflate, F124EmptyBlocksAllocateNoMoreThanOne) {
  constexpr std::string_view empty_block("\x00\x00\x00\xff\xff", 5);
  const DeflateOptions options;
  DeflateWorkshop workshop;
  const auto allocations_for = [&](std::size_t blocks) {
    const std::string payload = repeated(empty_block, blocks) + '\0';
    const auto extension = make_permessage_deflate(Role::server, {}, options, workshop);
    const std::size_t before = support::allocation_count();
    MutableBytes decoded;
    EXPECT_EQ(extension->decode(as_bytes(payload), true, 1000, decoded), Violation::none);
    EXPECT_TRUE(decoded.empty());
    return support::allocation_count() - before;
  };
  EXPECT_EQ(allocations_for(150'000), allocations_for(1));
}

TEST(DeflateWorkshop, KeepsLittleOfWhatALargeMessageTook) {
  DeflateWorkshop workshop;
  const auto memory_after = [&](const std::string& message) {
    EXPECT_FALSE(workshop.compress(as_bytes(message), 1, 15).empty());
    return support::live_allocation_size();
  };
  const std::string small(1000, 'a');
  const std::string large = random_bytes(1'000'000);
  const std::size_t before = memory_after(small);
  EXPECT_GT(memory_after(large + small), before + large.size());
  EXPECT_EQ(memory_after(small), before);
}

// One compressor for each level and window: its own, not that of who came first.
TEST(DeflateWorkshop, CompressesAsItIsAsked) {
  const std::string noise = random_bytes(5000);
  const std::string message = noise + messages()[3] + noise;
  DeflateWorkshop shared;
  std::set<std::string> payloads;
  for (int round = 0; round < 2; ++round) {
    for (const auto& [level, window_bits] : {std::pair(1, 15), {9, 15}, {1, 8}, {9, 8}}) {
      DeflateWorkshop own;
      const std::string payload(as_text(own.compress(as_bytes(message), level, window_bits)));
      EXPECT_TRUE(as_text(shared.compress(as_bytes(message), level, window_bits)) == payload);
      payloads.insert(payload);
    }
  }
  EXPECT_EQ(payloads.size(), 4u);
}

TEST(PermessageDeflate, BroadcastsOnceForAWindow) {
  const std::string text = repeated("news ", 100);
  const DeflateOptions options = {.threshold = 10};
  DeflateWorkshop workshop;
  const SharedBytes frame =
      encode_deflated_broadcast(Opcode::text, as_bytes(text), options, 9, workshop);
  ASSERT_NE(frame, nullptr);
  EXPECT_LT(frame->size(), text.size() / 4);
  Pair pair({.server_no_context_takeover = true, .server_max_window_bits = 9}, options);
  pair.server->send_encoded(frame);
  pair.client.receive(pair.server.sent_bytes());
  EXPECT_EQ(pair.client.events(), Lines{"text " + text});
}

TEST(PermessageDeflate, BroadcastsAsItIsWhatShallNotBeCompressed) {
  DeflateWorkshop workshop;
  const auto encode = [&](Opcode opcode, const std::string& message) {
    return encode_deflated_broadcast(opcode, as_bytes(message), {.threshold = 10, .max_size = 200},
                                     15, workshop);
  };
  EXPECT_EQ(encode(Opcode::text, std::string(9, 'a')), nullptr);
  EXPECT_NE(encode(Opcode::text, std::string(10, 'a')), nullptr);
  EXPECT_NE(encode(Opcode::text, std::string(200, 'a')), nullptr);
  EXPECT_EQ(encode(Opcode::text, std::string(201, 'a')), nullptr);
  EXPECT_EQ(encode(Opcode::binary, random_bytes(200)), nullptr);
  EXPECT_EQ(encode(Opcode::text, std::string(200, '\xff')), nullptr);
}

}  // namespace
}  // namespace duplex::websocket
