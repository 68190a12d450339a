// Packets of Socket.IO: written, read, and refused. The texts are what npm's socket.io sends.
#include "duplex/socketio/packet.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace duplex::socketio {
namespace {

using codec::JsonArray;
using codec::JsonBytes;
using codec::JsonObject;

JsonBytes bytes_of(std::string_view text) {
  const Bytes view = as_bytes(text);
  return {view.begin(), view.end()};
}

// The packet as it would be written, or the fault.
std::string read(std::string_view text, const PacketLimits& limits = {}) {
  Decoder decoder(limits);
  const auto outcome = decoder.on_text(text);
  if (!outcome) return outcome.error();
  return *outcome ? encode(**outcome).text : "(waiting)";
}

TEST(SocketIoPacket, IsWrittenAsJavaScriptDoes) {
  EXPECT_EQ(encode({.type = PacketType::connect}).text, "0");
  EXPECT_EQ(
      encode({.type = PacketType::connect, .nsp = "/admin", .data = JsonObject{{"sid", "x"}}}).text,
      R"(0/admin,{"sid":"x"})");
  EXPECT_EQ(encode({.data = JsonArray{"chat", "hi", 1, nullptr}}).text, R"(2["chat","hi",1,null])");
  EXPECT_EQ(encode({.nsp = "/a", .ack_id = 0, .data = JsonArray{"x"}}).text, R"(2/a,0["x"])");
  EXPECT_EQ(encode({.type = PacketType::ack, .ack_id = UINT64_MAX, .data = JsonArray{}}).text,
            "318446744073709551615[]");
  EXPECT_EQ(encode({.type = PacketType::connect_error,
                    .nsp = "/random",
                    .data = JsonObject{{"message", "Invalid namespace"}}})
                .text,
            R"(4/random,{"message":"Invalid namespace"})");
}

TEST(SocketIoPacket, PutsBytesBesideTheText) {
  const Packet packet = {
      .ack_id = 789,
      .data = JsonArray{"file", bytes_of("ab"), JsonObject{{"deep", JsonArray{bytes_of("c")}}}}};
  const EncodedPacket encoded = encode(packet);
  EXPECT_EQ(encoded.text, R"(52-789["file",{"_placeholder":true,"num":0},)"
                          R"({"deep":[{"_placeholder":true,"num":1}]}])");
  ASSERT_EQ(encoded.attachments.size(), 2U);
  EXPECT_EQ(as_text(encoded.attachments[0]), "ab");
  EXPECT_EQ(as_text(encoded.attachments[1]), "c");
  EXPECT_EQ(encode({.type = PacketType::ack, .ack_id = 0, .data = JsonArray{bytes_of("")}}).text,
            R"(61-0[{"_placeholder":true,"num":0}])");
}

// Only events and acknowledgements have a binary form; a connect is not to become an event.
TEST(SocketIoPacket, HasNoBytesInAConnect) {
  const JsonObject data = {{"token", JsonBytes(2)}};
  const Packet packet = {.type = PacketType::connect, .data = Json(data)};
  const EncodedPacket encoded = encode(packet);
  EXPECT_EQ(encoded.text, R"(0{"token":null})");
  EXPECT_TRUE(encoded.attachments.empty());
}

TEST(SocketIoPacket, TellsHowManyAttachmentsAValueNeeds) {
  EXPECT_EQ(count_attachments(Json("text")), 0U);
  EXPECT_EQ(count_attachments(Json(JsonBytes(2))), 1U);
  const JsonObject nested = {{"a", JsonBytes(1)}, {"b", JsonArray{JsonBytes(0), 7}}};
  EXPECT_EQ(count_attachments(Json(JsonArray{nested, "x", JsonBytes(3)})), 3U);
  EXPECT_EQ(encode({.data = Json(JsonArray{nested, JsonBytes(3)})}).attachments.size(), 3U);
}

// As npm socket.io 2.5 writes them.
TEST(SocketIoPacket, IsWrittenForProtocol4) {
  const auto written = [](Packet packet) { return encode(for_protocol4(std::move(packet))).text; };
  EXPECT_EQ(written({.type = PacketType::connect, .data = Json(JsonObject{{"sid", "x"}})}), "0");
  EXPECT_EQ(written({.type = PacketType::connect, .nsp = "/chat"}), "0/chat,");
  EXPECT_EQ(written({.type = PacketType::connect_error,
                     .nsp = "/no",
                     .data = Json(JsonObject{{"message", "Invalid namespace"}})}),
            R"(4/no,"Invalid namespace")");
  EXPECT_EQ(written({.type = PacketType::connect_error,
                     .data = Json(JsonObject{{"message", "no"}, {"data", JsonObject{{"a", 1}}}})}),
            R"(4{"a":1})");
  EXPECT_EQ(written({.type = PacketType::connect_error, .data = Json("text")}), R"(4"text")");
  EXPECT_EQ(written({.ack_id = 7, .data = Json(JsonArray{"a", JsonObject{{"data", 1}}})}),
            R"(27["a",{"data":1}])");
  EXPECT_EQ(written({.type = PacketType::disconnect, .nsp = "/a"}), "1/a,");
}

TEST(SocketIoPacket, IsReadAsItWasWritten) {
  for (const char* text :
       {"0", "1", "0/admin,", "1/admin,", R"(0{"token":"x"})", R"(2["chat"])", R"(2[1,2])",
        R"(2/a,12["chat",{"b":[]}])", "30[]", "3/a,7[1]", R"(4"no")", R"(4/a,{"message":"no"})",
        R"(2["x",{"_placeholder":true,"num":0}])"}) {
    EXPECT_EQ(read(text), text);
  }
  // Only the last of a namespace may lack its comma.
  EXPECT_EQ(read("0/admin"), "0/admin,");
}

TEST(SocketIoPacket, WaitsForItsAttachments) {
  Decoder decoder;
  auto outcome = decoder.on_text(
      R"(52-/a,7["x",{"_placeholder":true,"num":1},{"b":{"_placeholder":true,"num":0}}])");
  ASSERT_TRUE(outcome);
  EXPECT_FALSE(*outcome);
  EXPECT_TRUE(decoder.is_waiting());
  EXPECT_FALSE(*decoder.on_bytes(as_bytes("first")));
  outcome = decoder.on_bytes(as_bytes("second"));
  ASSERT_TRUE(outcome && *outcome);
  EXPECT_FALSE(decoder.is_waiting());
  const Packet& packet = **outcome;
  EXPECT_EQ(packet.type, PacketType::event);
  EXPECT_EQ(packet.nsp, "/a");
  EXPECT_EQ(packet.ack_id, 7U);
  EXPECT_EQ(*packet.data,
            Json(JsonArray{"x", bytes_of("second"), JsonObject{{"b", bytes_of("first")}}}));
  EXPECT_EQ(read(R"(2["next"])"), R"(2["next"])");
}

TEST(SocketIoPacket, IsRefusedWithTheReason) {
  EXPECT_EQ(read(""), "an empty packet");
  EXPECT_EQ(read("abc"), "a packet type that is not 0 to 6");
  EXPECT_EQ(read("7"), "a packet type that is not 0 to 6");
  EXPECT_EQ(read("2"), "an event without an array that names it");
  EXPECT_EQ(read("2{}"), "an event without an array that names it");
  EXPECT_EQ(read("2[]"), "an event without an array that names it");
  EXPECT_EQ(read("2[null]"), "an event whose name is neither a string nor a number");
  EXPECT_EQ(read("2[{}]"), "an event whose name is neither a string nor a number");
  EXPECT_EQ(read(R"(2["connect"])"), "an event of the reserved name 'connect'");
  EXPECT_EQ(read(R"(2["removeListener"])"), "an event of the reserved name 'removeListener'");
  EXPECT_EQ(read(R"(2["error"])"), R"(2["error"])");
  EXPECT_EQ(read("2abc[1]"), "JSON: expected a value at byte 0");
  EXPECT_EQ(read("0[]"), "a connect whose data is no object");
  EXPECT_EQ(read(R"(0"x")"), "a connect whose data is no object");
  EXPECT_EQ(read("05{}"), "an acknowledgement id where none belongs");
  EXPECT_EQ(read("1{}"), "a disconnect with data");
  EXPECT_EQ(read("3[]"), "an acknowledgement without id");
  EXPECT_EQ(read("30{}"), "an acknowledgement without an array");
  EXPECT_EQ(read("4"), "a connect error whose data is neither an object nor a string");
  EXPECT_EQ(read("4[]"), "a connect error whose data is neither an object nor a string");
}

TEST(SocketIoPacket, RefusesIdsThatAreNoNumbersOf64Bits) {
  EXPECT_EQ(read("318446744073709551616[]"),
            "acknowledgement id 18446744073709551616 is no number of 64 bits");
  EXPECT_EQ(read("3" + std::string(100, '9') + "[]"),
            "acknowledgement id " + std::string(24, '9') + "... is no number of 64 bits");
  EXPECT_EQ(read("307[]"), "acknowledgement id 07 is no number of 64 bits");
}

// CVE-2020-36049, CVE-2026-33151.
TEST(SocketIoPacket, LimitsTheNumberOfAttachments) {
  EXPECT_EQ(read("510-[\"x\"]"), "(waiting)");
  EXPECT_EQ(read("511-[\"x\"]"), "11 attachments, above the limit of 10");
  EXPECT_EQ(read("51000000-[\"x\"]"), "1000000 attachments, above the limit of 10");
  EXPECT_EQ(read("5" + std::string(1 << 20, '9') + "-[\"x\"]"),
            std::string(24, '9') + "... attachments, which is no such number");
  EXPECT_EQ(read("50-[\"x\"]"), "0 attachments, which is no such number");
  EXPECT_EQ(read("501-[\"x\"]"), "01 attachments, which is no such number");
  EXPECT_EQ(read("5[\"x\"]"), "a binary packet without '<attachments>-'");
  EXPECT_EQ(read("51[\"x\"]"), "a binary packet without '<attachments>-'");
  EXPECT_EQ(read("6-[\"x\"]"), "a binary packet without '<attachments>-'");
}

// CVE-2022-2421: a num that is no index.
TEST(SocketIoPacket, RefusesAPlaceholderForNoAttachment) {
  const auto refusal = [](std::string_view num) {
    Decoder decoder;
    const std::string text = "51-[\"x\",{\"_placeholder\":true" + std::string(num) + "}]";
    EXPECT_TRUE(decoder.on_text(text)) << text;
    const auto outcome = decoder.on_bytes(as_bytes("ab"));
    return outcome ? "(read)" : outcome.error();
  };
  const std::string none = "a placeholder whose num is none of 0 to 0";
  EXPECT_EQ(refusal(",\"num\":0"), "(read)");
  EXPECT_EQ(refusal(",\"num\":-1"), none);
  EXPECT_EQ(refusal(",\"num\":1"), none);
  EXPECT_EQ(refusal(",\"num\":2147483648"), none);
  EXPECT_EQ(refusal(",\"num\":0.5"), none);
  EXPECT_EQ(refusal(",\"num\":\"constructor\""), none);
  EXPECT_EQ(refusal(""), none);
}

TEST(SocketIoPacket, GivesEachAttachmentOnePlace) {
  const auto refusal = [](std::string_view text) {
    Decoder decoder;
    EXPECT_TRUE(decoder.on_text(text));
    const auto outcome = decoder.on_bytes(as_bytes("ab"));
    return outcome ? "(read)" : outcome.error();
  };
  EXPECT_EQ(refusal(R"(51-["x",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}])"),
            "two placeholders of num 0");
  EXPECT_EQ(refusal(R"(51-["x",{"_placeholder":false,"num":0}])"),
            "an attachment without placeholder");
}

TEST(SocketIoPacket, RefusesWhatComesOutOfTurn) {
  Decoder decoder;
  EXPECT_EQ(decoder.on_bytes(as_bytes("x")).error(), "bytes where no attachment was to come");
  EXPECT_TRUE(decoder.on_text("52-[\"x\"]"));
  EXPECT_TRUE(decoder.on_bytes(as_bytes("x")));
  EXPECT_EQ(decoder.on_text("2[\"x\"]").error(), "text where attachment 2 was to come");
}

TEST(SocketIoPacket, HasLimits) {
  PacketLimits limits = {.max_nsp_size = 4};
  EXPECT_EQ(read("0/abc,", limits), "0/abc,");
  EXPECT_EQ(read("0/abcd,", limits), "a namespace of 5 bytes, above the limit of 4");
  limits.json.max_depth = 2;
  EXPECT_EQ(read("2[\"x\",[]]", limits), "2[\"x\",[]]");
  EXPECT_EQ(read("2[\"x\",[[]]]", limits), "JSON: deeper than 2 levels at byte 6");
}

}  // namespace
}  // namespace duplex::socketio
