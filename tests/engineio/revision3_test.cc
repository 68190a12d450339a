// Packets and payloads of revision 3 of Engine.IO. What is read was written by npm engine.io-parser
// 2.2.1.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "duplex/engineio/packet.h"

namespace duplex::engineio {
namespace {

using Texts = std::vector<std::string>;
using namespace std::string_literals;

// Every packet as revision 3 writes it in text, and then the fault, if there is one.
Texts read_all(std::string_view payload, PayloadForm form, const PayloadLimits& limits = {}) {
  Texts all;
  PayloadReader reader(payload, limits, form);
  while (const auto packet = reader.next()) {
    all.emplace_back();
    if (packet->bytes) append_bytes(all.back(), *packet->bytes, Revision::three);
    if (!packet->bytes) append_packet(all.back(), packet->type, packet->text);
  }
  if (!reader.fault().empty()) all.push_back(reader.fault());
  return all;
}
Texts read_counted(std::string_view payload) { return read_all(payload, PayloadForm::counted); }
Texts read_bytes(std::string_view payload) { return read_all(payload, PayloadForm::counted_bytes); }

TEST(EngineIo3Packet, CarriesBytesAsBase64WithItsType) {
  const auto packet = parse_packet("b4AQIDBA==", Revision::three);
  ASSERT_TRUE(packet) << packet.error();
  EXPECT_EQ(packet->type, PacketType::message);
  EXPECT_EQ(as_text(*packet->bytes), "\x01\x02\x03\x04");
  for (const char* text : {"b", "b2AQ=="}) {
    EXPECT_EQ(parse_packet(text, Revision::three).error(), "a packet of bytes that is no message");
  }
  EXPECT_EQ(parse_packet("b4*", Revision::three).error(), "a message of bytes that is not Base64");
}

TEST(EngineIo3Packet, CarriesBytesBehindTheirType) {
  const auto packet = parse_bytes(as_bytes("\x04\x01\x02"), Revision::three);
  ASSERT_TRUE(packet) << packet.error();
  EXPECT_EQ(as_text(*packet->bytes), "\x01\x02");
  EXPECT_EQ(bytes_with_type(*packet->bytes), "\x04\x01\x02");
  EXPECT_EQ(parse_bytes(as_bytes("4a"), Revision::three).error(),
            "a packet of bytes that is no message");
  EXPECT_EQ(parse_bytes({}, Revision::three).error(), "an empty packet");
  EXPECT_EQ(as_text(*parse_bytes(as_bytes("\x04"))->bytes), "\x04");  // of revision 4: as it is
}

TEST(EngineIo3Payload, CountsUtf16CodeUnits) {
  EXPECT_EQ(read_counted("6:4hello2:4a"), (Texts{"4hello", "4a"}));
  EXPECT_EQ(read_counted("5:4ä€😀1:2"), (Texts{"4ä€😀", "2"}));
  EXPECT_EQ(read_counted("10:b4AQIDBA==2:4a"), (Texts{"b4AQIDBA==", "4a"}));
  EXPECT_EQ(read_counted("1:4"), Texts{"4"});
  std::string written;
  for (const char* packet : {"4ä€😀", "2", ""}) append_counted(written, packet);
  EXPECT_EQ(written, "5:4ä€😀1:20:");
}

TEST(EngineIo3Payload, RefusesCountsThatAreNone) {
  const std::string none = "packet 1: no length and ':' before it";
  for (const char* payload : {"", "4a", "12345678901:4", "😀"}) {
    EXPECT_EQ(read_counted(payload), Texts{none}) << payload;
  }
  for (const char* payload : {":4", "-1:4", "+1:4", "01:4", " 1:4", "1 :4", "0x1:4"}) {
    EXPECT_EQ(read_counted(payload), Texts{"packet 1: a length that is no number"}) << payload;
  }
  for (const char* payload : {"2:4", "2:😀", "5:4ä😀", "4:4a"}) {
    const std::string length(1, payload[0]);
    const Texts all = read_counted(payload);
    if (payload == std::string("2:😀")) {
      EXPECT_EQ(all.at(0), "packet 1: packet type of code 240 is not 0 to 6");
    } else {
      EXPECT_EQ(all, Texts{"packet 1: a length of " + length +
                           " UTF-16 code units, which is none of what follows"});
    }
  }
  EXPECT_EQ(read_counted("3:4a😀"),  // within a surrogate pair
            Texts{"packet 1: a length of 3 UTF-16 code units, which is none of what follows"});
  EXPECT_EQ(read_counted("0:"), Texts{"packet 1: an empty packet"});
  EXPECT_EQ(read_counted("1:22:\xff\xff"), (Texts{"2", "packet 2: text that is not UTF-8"}));
  EXPECT_EQ(read_counted("2:4a\n"), (Texts{"4a", "packet 2: no length and ':' before it"}));
}

TEST(EngineIo3Payload, OfBytesCountsThem) {
  const std::string payload =
      "\x01\x05\xff\x04\x01\x02\x03\x04"s
      "\x00\x01\x00\xff"s
      "4ä€😀"s
      "\x00\x06\xff"s
      "3probe";
  EXPECT_EQ(read_bytes(payload), (Texts{"b4AQIDBA==", "4ä€😀", "3probe"}));
  std::string written;
  append_counted_bytes(written, "\x04\x01\x02\x03\x04", true);
  append_counted_bytes(written, "4ä€😀", false);
  append_counted_bytes(written, "3probe", false);
  EXPECT_EQ(written, payload);
  EXPECT_EQ(read_bytes("\x01\x01\xff\x04"), Texts{"b4"});
}

TEST(EngineIo3Payload, OfBytesRefusesSizesThatAreNone) {
  struct Row {
    std::string payload;
    const char* fault;
  };
  for (const Row& row :
       {Row{"", "no size and 255 before it"},
        {"\x00\x01"s, "no size and 255 before it"},
        {"\x00\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\xff"s, "no size and 255 before it"},
        {"\x02\x01\xff"
         "4"s,
         "neither text nor bytes"},
        {"\xff"s, "neither text nor bytes"},
        {"\x00\xff"s, "a size that is no number"},
        {"\x00\x0a\xff"s, "a size that is no number"},
        {"\x00\x00\x01\xff"
         "4"s,
         "a size that is no number"},
        {"\x00\x02\xff"
         "4"s,
         "a length of 2 bytes, which is none of what follows"},
        {"\x00\x00\xff"s, "an empty packet"},
        {"\x01\x00\xff"s, "an empty packet"},
        {"\x01\x01\xff"
         "4"s,
         "a packet of bytes that is no message"},
        {"\x00\x02\xff"
         "4\xff"s,
         "text that is not UTF-8"}}) {
    EXPECT_EQ(read_bytes(row.payload), Texts{std::string("packet 1: ") + row.fault});
  }
}

// Each packet once: a payload in which every count names all that follows would cost a square.
TEST(EngineIo3Payload, P20AMillionPacketsAreTooMany) {
  std::string payload;
  for (int i = 0; i < 1'000'000; ++i) payload += "1:6";
  const Texts all = read_counted(payload);
  EXPECT_EQ(all.size(), 10'001U);
  EXPECT_EQ(all.back(), "more than 10000 packets in a payload");
  EXPECT_EQ(read_all("1:61:6", PayloadForm::counted, {.max_packets = 2}).size(), 2U);
}

}  // namespace
}  // namespace duplex::engineio
