// Writing JSON byte for byte as JavaScript does. What is expected is what Node 20 printed.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "duplex/codec/json.h"

namespace duplex::codec {
namespace {

TEST(JsonWriter, WritesEveryKindOfValue) {
  const JsonValue value(JsonArray{nullptr, true, false, 7, -1.5, "x", JsonArray{},
                                  JsonObject{{"b", 1}, {"a", JsonObject{}}}});
  EXPECT_EQ(write_json(value), R"([null,true,false,7,-1.5,"x",[],{"b":1,"a":{}}])");
}

TEST(JsonWriter, WritesNumbersAsJavaScriptDoes) {
  struct Row {
    double number;
    const char* text;
  };
  for (const Row& row : {Row{0.0, "0"},
                         {-0.0, "0"},
                         {1.0, "1"},
                         {100.0, "100"},
                         {0.1, "0.1"},
                         {-12.75, "-12.75"},
                         {1.0 / 3, "0.3333333333333333"},
                         {123456789012345680.0, "123456789012345680"},
                         {1e20, "100000000000000000000"},
                         {1e21, "1e+21"},
                         {1.5e300, "1.5e+300"},
                         {1e-6, "0.000001"},
                         {1.25e-6, "0.00000125"},
                         {1e-7, "1e-7"},
                         {-1.5e-7, "-1.5e-7"},
                         {5e-324, "5e-324"},
                         {1.7976931348623157e308, "1.7976931348623157e+308"}}) {
    EXPECT_EQ(write_json(row.number), row.text);
  }
}

TEST(JsonWriter, KnowsNoNumberThatJsonHasNot) {
  EXPECT_EQ(write_json(std::numeric_limits<double>::quiet_NaN()), "null");
  EXPECT_EQ(write_json(-std::numeric_limits<double>::infinity()), "null");
}

TEST(JsonWriter, KeepsAllDigitsOfAnInteger) {
  EXPECT_EQ(write_json(9'007'199'254'740'993), "9007199254740993");
  EXPECT_EQ(write_json(INT64_MIN), "-9223372036854775808");
  EXPECT_EQ(write_json(UINT64_MAX), "18446744073709552000");
}

TEST(JsonWriter, EscapesWhatMustBe) {
  EXPECT_EQ(write_json("\"\\/\b\f\n\r\t\x01\x1f\x7f"),
            "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"");
  EXPECT_EQ(write_json(std::string("a\0b", 3)), "\"a\\u0000b\"");
  EXPECT_EQ(write_json("é\u2028𝄞"), "\"é\u2028𝄞\"");
  EXPECT_EQ(write_json(JsonObject{{"\n", ""}}), R"({"\n":""})");
}

TEST(JsonWriter, LeavesBytesToTheProtocol) {
  const JsonValue value(JsonArray{JsonBytes{std::byte{1}, std::byte{2}}, JsonBytes{}});
  EXPECT_EQ(write_json(value), "[null,null]");
  const auto sizes = [](std::string& text, Bytes bytes) { text += std::to_string(bytes.size()); };
  EXPECT_EQ(write_json(value, sizes), "[2,0]");
}

TEST(JsonWriter, IsReadBack) {
  for (const char* text :
       {R"({"a":[1,-2.5,"\u0007",null,{"b":[]}],"":true})", "[[[[]]]]", "\"\""}) {
    const auto value = parse_json(text);
    ASSERT_TRUE(value) << text;
    EXPECT_EQ(write_json(*value), text);
  }
}

}  // namespace
}  // namespace duplex::codec
