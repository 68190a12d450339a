// Packets and payloads of Engine.IO.
#include "duplex/engineio/packet.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace duplex::engineio {
namespace {

std::string refusal(std::string_view text) {
  const auto packet = parse_packet(text);
  return packet ? "(read)" : packet.error();
}

// Every packet as it would be written, and then the fault, if there is one.
std::vector<std::string> read_all(std::string_view payload, const PayloadLimits& limits = {}) {
  std::vector<std::string> all;
  PayloadReader reader(payload, limits);
  while (const auto packet = reader.next()) {
    all.emplace_back();
    if (packet->bytes) append_bytes(all.back(), *packet->bytes);
    if (!packet->bytes) append_packet(all.back(), packet->type, packet->text);
  }
  if (!reader.fault().empty()) all.push_back(reader.fault());
  return all;
}

TEST(EngineIoPacket, HasATypeAndText) {
  const auto packet = parse_packet("4hello");
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->type, PacketType::message);
  EXPECT_EQ(packet->text, "hello");
  EXPECT_FALSE(packet->bytes);
  EXPECT_EQ(parse_packet("2probe")->type, PacketType::ping);
  EXPECT_EQ(parse_packet("6")->text, "");
  EXPECT_EQ(name_of(PacketType::upgrade), "upgrade");
}

TEST(EngineIoPacket, CarriesBytesAsBase64) {
  const auto packet = parse_packet("bAQIDBA==");
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->type, PacketType::message);
  ASSERT_TRUE(packet->bytes);
  EXPECT_EQ(as_text(*packet->bytes), "\x01\x02\x03\x04");
  std::string out;
  append_bytes(out, *packet->bytes);
  EXPECT_EQ(out, "bAQIDBA==");
}

TEST(EngineIoPacket, IsRefusedWithTheReason) {
  EXPECT_EQ(refusal(""), "an empty packet");
  EXPECT_EQ(refusal("abc"), "packet type 'a' is not 0 to 6");
  EXPECT_EQ(refusal("7"), "packet type '7' is not 0 to 6");
  EXPECT_EQ(refusal("\x1b"), "packet type of code 27 is not 0 to 6");
  EXPECT_EQ(refusal("bAQ"), "a message of bytes that is not Base64");
}

TEST(EngineIoPayload, HoldsPacketsInOrder) {
  using Texts = std::vector<std::string>;
  EXPECT_EQ(read_all("4a\x1e"
                     "4b\x1e"
                     "bAQI="),
            (Texts{"4a", "4b", "bAQI="}));
  EXPECT_EQ(read_all("3"), (Texts{"3"}));
  EXPECT_EQ(read_all("4a\x1e\x1e"
                     "4b"),
            (Texts{"4a", "packet 2: an empty packet"}));
  EXPECT_EQ(read_all("4a\x1e"), (Texts{"4a", "packet 2: an empty packet"}));
  EXPECT_EQ(read_all(""), (Texts{"packet 1: an empty packet"}));
  EXPECT_EQ(read_all("4a\x1e"
                     "9\x1e"
                     "4b"),
            (Texts{"4a", "packet 2: packet type '9' is not 0 to 6"}));
}

// A WebSocket refuses it by itself, and would end with the one that passed it on.
TEST(EngineIoPayload, IsUtf8) {
  using Texts = std::vector<std::string>;
  EXPECT_EQ(read_all("4\xc3\xbc\x1e"
                     "4\xff"),
            (Texts{"4\xc3\xbc", "packet 2: text that is not UTF-8"}));
  EXPECT_EQ(read_all("4\xc3\x1e"
                     "4\xbc"),
            (Texts{"packet 1: text that is not UTF-8"}));
}

TEST(EngineIoPayload, P20AMillionPacketsAreTooMany) {
  std::string payload = "6";
  for (int i = 1; i < 1'000'000; ++i)
    payload +=
        "\x1e"
        "6";
  const auto all = read_all(payload);
  EXPECT_EQ(all.size(), 10'001U);
  EXPECT_EQ(all.back(), "more than 10000 packets in a payload");
  EXPECT_EQ(read_all("6\x1e"
                     "6",
                     {.max_packets = 2})
                .size(),
            2U);
}

TEST(EngineIoHandshake, IsWrittenWithExactlyItsKeys) {
  EXPECT_EQ(write_handshake({.sid = "abc", .can_upgrade = true}),
            R"({"sid":"abc","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,)"
            R"("maxPayload":1000000})");
  EXPECT_NE(write_handshake({.sid = "abc"}).find(R"("upgrades":[])"), std::string::npos);
}

TEST(EngineIoHandshake, IsReadBack) {
  const auto read = parse_handshake(write_handshake({.sid = "abc",
                                                     .can_upgrade = true,
                                                     .ping_interval = 1,
                                                     .ping_timeout = 2,
                                                     .max_payload = 3}));
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->sid, "abc");
  EXPECT_TRUE(read->can_upgrade);
  EXPECT_EQ(read->ping_interval, 1U);
  EXPECT_EQ(read->ping_timeout, 2U);
  EXPECT_EQ(read->max_payload, 3U);
}

TEST(EngineIoHandshake, OfAnOldServerMaySayLess) {
  const auto read = parse_handshake(R"({"sid":"abc","upgrades":["webtransport"],"new":1})");
  ASSERT_TRUE(read) << read.error();
  EXPECT_FALSE(read->can_upgrade);
  EXPECT_EQ(read->ping_interval, 25'000U);
  EXPECT_EQ(read->max_payload, 0U);
}

TEST(EngineIoHandshake, IsRefusedWithTheReason) {
  const auto why = [](std::string_view text) {
    const auto read = parse_handshake(text);
    return read ? "(read)" : read.error();
  };
  EXPECT_EQ(why("{"),
            "the open packet is no JSON: expected a name in quotes, but the text ends at "
            "byte 1");
  EXPECT_EQ(why("[]"), "the open packet has no sid");
  EXPECT_EQ(why(R"({"sid":""})"), "the open packet has no sid");
  EXPECT_EQ(why(R"({"sid":"a","pingInterval":-1})"),
            "a number of the open packet is none of 0 and above");
  EXPECT_EQ(why(R"({"sid":"a","maxPayload":"1"})"),
            "a number of the open packet is none of 0 and above");
}

TEST(EngineIoId, HasTwentyCharactersOfBase64Url) {
  std::array<std::byte, id_entropy> random = {};
  EXPECT_EQ(make_id(random), "AAAAAAAAAAAAAAAAAAAA");
  random.fill(std::byte{0xff});
  EXPECT_EQ(make_id(random), "____________________");
  random.fill(std::byte{0xfb});
  EXPECT_EQ(make_id(random), "-_v7-_v7-_v7-_v7-_v7");
}

}  // namespace
}  // namespace duplex::engineio
