// MessagePack: the forms of the specification, the shortest when written; and what is refused.
#include "duplex/codec/msgpack.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace duplex::codec {
namespace {

// "93 a1 78": the bytes as they are usually shown.
std::string hex(Bytes bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const std::byte each : bytes) {
    if (!text.empty()) text += ' ';
    text += digits[std::to_integer<std::size_t>(each >> 4)];
    text += digits[std::to_integer<std::size_t>(each & std::byte{15})];
  }
  return text;
}

std::vector<std::byte> unhex(std::string_view text) {
  std::vector<std::byte> bytes;
  for (; text.size() >= 2; text.remove_prefix(std::min<std::size_t>(text.size(), 3))) {
    bytes.push_back(static_cast<std::byte>(std::stoi(std::string(text.substr(0, 2)), nullptr, 16)));
  }
  return bytes;
}

// As JSON, with bytes as their number; or what is wrong.
std::string read(Bytes bytes, const JsonLimits& limits = {}) {
  const auto value = parse_msgpack(bytes, limits);
  if (!value) return value.error().message;
  return write_json(*value, [](std::string& text, Bytes each) {
    text += "<" + std::to_string(each.size()) + ">";
  });
}
std::string read(std::string_view text) { return read(unhex(text)); }

TEST(Msgpack, HasTheShortestForm) {
  struct Row {
    JsonValue value;
    const char* bytes;
  };
  for (const Row& row : {Row{nullptr, "c0"},
                         {false, "c2"},
                         {true, "c3"},
                         {0, "00"},
                         {127, "7f"},
                         {128, "cc 80"},
                         {255, "cc ff"},
                         {256, "cd 01 00"},
                         {65'535, "cd ff ff"},
                         {65'536, "ce 00 01 00 00"},
                         {4'294'967'295, "ce ff ff ff ff"},
                         {4'294'967'296, "cf 00 00 00 01 00 00 00 00"},
                         {-1, "ff"},
                         {-32, "e0"},
                         {-33, "d0 df"},
                         {-128, "d0 80"},
                         {-129, "d1 ff 7f"},
                         {-32'768, "d1 80 00"},
                         {-32'769, "d2 ff ff 7f ff"},
                         {INT32_MIN, "d2 80 00 00 00"},
                         {std::int64_t{INT32_MIN} - 1, "d3 ff ff ff ff 7f ff ff ff"},
                         {INT64_MIN, "d3 80 00 00 00 00 00 00 00"},
                         {0.5, "cb 3f e0 00 00 00 00 00 00"},
                         {"", "a0"},
                         {"aé", "a3 61 c3 a9"},
                         {JsonBytes{}, "c4 00"},
                         {JsonBytes{std::byte{7}}, "c4 01 07"},
                         {JsonArray{1, "x"}, "92 01 a1 78"},
                         {JsonObject{{"a", JsonArray{}}}, "81 a1 61 90"}}) {
    EXPECT_EQ(hex(write_msgpack(row.value)), row.bytes);
    const auto again = parse_msgpack(unhex(row.bytes));
    ASSERT_TRUE(again) << row.bytes << ": " << again.error().message;
    EXPECT_EQ(*again, row.value);
  }
}

// The first bytes of a value and how many there are in all.
std::string head(const JsonValue& value, std::size_t size) {
  const auto bytes = write_msgpack(value);
  EXPECT_EQ(*parse_msgpack(bytes), value);
  return hex(Bytes(bytes).first(size)) + ": " + std::to_string(bytes.size());
}

TEST(Msgpack, WidensSizesAndCounts) {
  EXPECT_EQ(head(std::string(31, 'x'), 1), "bf: 32");
  EXPECT_EQ(head(std::string(32, 'x'), 2), "d9 20: 34");
  EXPECT_EQ(head(std::string(256, 'x'), 3), "da 01 00: 259");
  EXPECT_EQ(head(std::string(65'536, 'x'), 5), "db 00 01 00 00: 65541");
  EXPECT_EQ(head(JsonBytes(255), 2), "c4 ff: 257");
  EXPECT_EQ(head(JsonBytes(256), 3), "c5 01 00: 259");
  EXPECT_EQ(head(JsonBytes(65'536), 5), "c6 00 01 00 00: 65541");
  EXPECT_EQ(head(JsonArray(15), 1), "9f: 16");
  EXPECT_EQ(head(JsonArray(16), 3), "dc 00 10: 19");
  EXPECT_EQ(head(JsonArray(65'536), 5), "dd 00 01 00 00: 65541");
  JsonObject members;
  for (int i = 0; i < 16; ++i) members.emplace_back(std::to_string(i), i);
  EXPECT_EQ(head(members, 3), "de 00 10: 57");
}

TEST(Msgpack, WritesWhatTheRedisAdapterPublishes) {
  const JsonValue packet(JsonArray{
      "1GYG_P", JsonObject{{"type", 2}, {"data", JsonArray{"chat"}}, {"nsp", "/"}},
      JsonObject{{"rooms", JsonArray{}}, {"except", JsonArray{}}, {"flags", JsonObject{}}}});
  EXPECT_EQ(
      hex(write_msgpack(packet)),
      "93 a6 31 47 59 47 5f 50 83 a4 74 79 70 65 02 a4 64 61 74 61 91 a4 63 68 61 74 a3 6e 73 "
      "70 a1 2f 83 a5 72 6f 6f 6d 73 90 a6 65 78 63 65 70 74 90 a5 66 6c 61 67 73 80");
}

TEST(Msgpack, ReadsEveryForm) {
  EXPECT_EQ(read("ca 3f 80 00 00"), "1");
  EXPECT_EQ(read("cf ff ff ff ff ff ff ff ff"), "18446744073709552000");
  EXPECT_EQ(read("d3 ff ff ff ff ff ff ff ff"), "-1");
  EXPECT_EQ(read("d9 01 61"), "\"a\"");
  EXPECT_EQ(read("db 00 00 00 01 61"), "\"a\"");
  EXPECT_EQ(read("dd 00 00 00 01 c0"), "[null]");
  EXPECT_EQ(read("df 00 00 00 01 a1 61 c4 02 00 00"), "{\"a\":<2>}");
}

TEST(Msgpack, ReadsDatesAsJsonHasThem) {
  EXPECT_EQ(read("d6 ff 00 00 00 00"), "\"1970-01-01T00:00:00.000Z\"");
  EXPECT_EQ(read("d7 ff 1d cd 65 00 00 00 00 01"), "\"1970-01-01T00:00:01.125Z\"");
  EXPECT_EQ(read("c7 0c ff 00 00 00 00 ff ff ff ff ff ff ff ff"), "\"1969-12-31T23:59:59.000Z\"");
  EXPECT_EQ(read("c7 0c ff 00 00 00 00 00 00 07 db a8 21 80 00"),
            "\"+275760-09-13T00:00:00.000Z\"");
  EXPECT_EQ(read("c7 0c ff 00 00 00 00 00 00 07 db a8 21 80 01"),
            "a timestamp beyond what JavaScript's Date holds, before what stands at byte 15");
  EXPECT_EQ(read("d6 fe 00 00 00 00"), "an extension of type -2 and 4 bytes at byte 2");
  EXPECT_EQ(read("d5 ff 00 00"), "a timestamp of 2 bytes at byte 2");
}

// notepack 2, which socket.io-msgpack-parser 3 writes with.
TEST(Msgpack, ReadsWhatNotepackMakesOfValuesOfJavaScript) {
  EXPECT_EQ(read("d7 00 00 00 00 00 00 00 04 65"), "\"1970-01-01T00:00:01.125Z\"");
  EXPECT_EQ(read("d7 00 ff ff ff ff ff ff ff ff"), "\"1969-12-31T23:59:59.999Z\"");
  EXPECT_EQ(read("d7 00 80 00 00 00 00 00 00 00"),
            "a timestamp beyond what JavaScript's Date holds, before what stands at byte 10");
  EXPECT_EQ(read("c7 03 00 01 02 03"), "<3>");
  EXPECT_EQ(read("c7 01 00 01"), "<1>");
  EXPECT_EQ(read("c9 00 00 00 00 00"), "<0>");
  EXPECT_EQ(read("d5 00 01 02"), "an extension of type 0 and 2 bytes at byte 2");
}

TEST(Msgpack, ReadsUndefinedAsNull) { EXPECT_EQ(read("91 d4 00 00"), "[null]"); }

TEST(Msgpack, IsRefusedWithTheReasonAndThePlace) {
  const std::string ends = "the input ends too early for what begins at byte ";
  EXPECT_EQ(read(""), ends + "0");
  EXPECT_EQ(read("92 01"), ends + "1");
  EXPECT_EQ(read("a2 61"), ends + "1");
  EXPECT_EQ(read("cd 01"), ends + "1");
  EXPECT_EQ(read("dd ff ff ff ff 00"), ends + "5");
  EXPECT_EQ(read("df ff ff ff ff 00"), ends + "5");
  EXPECT_EQ(read("c6 ff ff ff ff 00"), ends + "5");
  EXPECT_EQ(read("c0 c0"), "expected the end of the input at byte 1");
  EXPECT_EQ(read("c1"),
            "a value of the form 0xc1, which is never used, before what stands at byte 1");
  EXPECT_EQ(read("a1 ff"), "text that is not UTF-8 at byte 1");
  EXPECT_EQ(read("81 01 01"), "a name that is no text, before what stands at byte 2");
  EXPECT_EQ(read("82 a1 61 01 a1 61 02"), "'a' is there twice in the map that ends at byte 7");
}

TEST(Msgpack, HasTheLimitsOfJson) {
  EXPECT_EQ(read(unhex("91 91 c0"), {.max_depth = 1}), "deeper than 1 levels at byte 2");
  EXPECT_EQ(read(unhex("92 c0 c0"), {.max_values = 2}), "more than 2 values at byte 2");
  EXPECT_EQ(read(unhex("92 c0 c0"), {.max_size = 2}), "3 bytes, above the limit of 2, at byte 0");
}

TEST(Msgpack, LosesNothingOfAnyCut) {
  const auto whole = write_msgpack(JsonArray{"text", 300, 0.5, JsonObject{{"a", JsonBytes(3)}}});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(parse_msgpack(Bytes(whole).first(size))) << size;
  }
}

}  // namespace
}  // namespace duplex::codec
