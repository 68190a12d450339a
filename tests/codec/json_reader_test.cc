// Reading JSON: what RFC 8259 allows, what it does not, and the limits.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "duplex/codec/json.h"

namespace duplex::codec {
namespace {

std::string refusal(std::string_view text, const JsonLimits& limits = {}) {
  const auto parsed = parse_json(text, limits);
  return parsed ? "(read)" : parsed.error().message;
}

JsonValue read(std::string_view text) {
  auto parsed = parse_json(text);
  EXPECT_TRUE(parsed) << text << ": " << refusal(text);
  return parsed ? *std::move(parsed) : JsonValue();
}

std::string string_of(std::string_view text) {
  const JsonValue value = read(text);
  return value.text() != nullptr ? *value.text() : "(no string)";
}

TEST(JsonReader, ReadsEveryKindOfValue) {
  const JsonValue value = read(
      " { \"a\" : [ null , true , false ] ,\r\n\t\"b\":{}, \"c\":[], \"d\":\"x\", \"e\":1.5 } ");
  ASSERT_EQ(value.object()->size(), 5U);
  EXPECT_EQ(value.object()->at(0).first, "a");
  const JsonArray& items = *value.find("a")->array();
  ASSERT_EQ(items.size(), 3U);
  EXPECT_TRUE(items[0].is_null());
  EXPECT_TRUE(*items[1].flag());
  EXPECT_FALSE(*items[2].flag());
  EXPECT_TRUE(value.find("b")->object()->empty());
  EXPECT_TRUE(value.find("c")->array()->empty());
  EXPECT_EQ(*value.find("d")->text(), "x");
  EXPECT_EQ(value.find("e")->number(), 1.5);
}

TEST(JsonReader, ReadsIntoAValueThatIsThere) {
  JsonValue value = "before";
  EXPECT_FALSE(parse_json("null", {}, value));
  EXPECT_TRUE(value.is_null());
  EXPECT_FALSE(parse_json("[1]", {}, value));
  EXPECT_EQ(write_json(value), "[1]");
  const auto error = parse_json("[1,", {}, value);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->offset, 3U);
  EXPECT_TRUE(value.is_null());
}

TEST(JsonReader, GivesNothingOfAnotherKind) {
  const JsonValue null = read("null");
  EXPECT_EQ(null.flag(), nullptr);
  EXPECT_EQ(null.text(), nullptr);
  EXPECT_EQ(null.array(), nullptr);
  EXPECT_EQ(null.object(), nullptr);
  EXPECT_EQ(null.number(), std::nullopt);
  EXPECT_EQ(null.integer(), std::nullopt);
  EXPECT_EQ(null.find("a"), nullptr);
  EXPECT_EQ(read("{\"a\":1}").find("b"), nullptr);
  EXPECT_FALSE(read("0").is_null());
}

TEST(JsonReader, KeepsIntegersExactly) {
  EXPECT_EQ(read("9007199254740993").integer(), 9'007'199'254'740'993);
  EXPECT_EQ(read("-9223372036854775808").integer(), INT64_MIN);
  EXPECT_EQ(read("9223372036854775808").integer(), std::nullopt);
  EXPECT_EQ(read("9223372036854775808").number(), 9223372036854775808.0);
  EXPECT_EQ(read("1.0").integer(), std::nullopt);
  EXPECT_EQ(read("1e2").integer(), std::nullopt);
}

TEST(JsonReader, ReadsNumbers) {
  const std::vector<std::pair<std::string_view, double>> rows = {
      {"0", 0},
      {"-0", 0},
      {"-12", -12},
      {"0.25", 0.25},
      {"1e3", 1000},
      {"1E+3", 1000},
      {"25e-2", 0.25},
      {"-1.5e1", -15},
      {"1e-999", 0},
      {"-1e-99999999999999999999", 0},
      {"0.0001e-400", 0},
      {"0.001e-9223372036854775808", 0},
      {"4.9e-324", 4.9e-324},
      {"1.7976931348623157e308", 1.7976931348623157e308},
      {std::string_view("0e99999999999999999999"), 0}};
  for (const auto& [text, value] : rows) EXPECT_EQ(read(text).number(), value) << text;
  EXPECT_EQ(read("0." + std::string(400, '0') + "1").number(), 0);
}

TEST(JsonReader, RefusesOtherNumbers) {
  for (const std::string_view text : {"01", "-01", "1 2"}) {
    EXPECT_TRUE(refusal(text).starts_with("expected the end of the text at byte ")) << text;
  }
  for (const std::string_view text : {"+1", ".5", "NaN", "Infinity"}) {
    EXPECT_EQ(refusal(text), "expected a value at byte 0") << text;
  }
  EXPECT_EQ(refusal("[-]"), "expected a digit at byte 2");
  EXPECT_EQ(refusal("-"), "expected a digit, but the text ends at byte 1");
  EXPECT_EQ(refusal("[1.]"), "expected a digit after the point at byte 3");
  EXPECT_EQ(refusal("[1.e1]"), "expected a digit after the point at byte 3");
  EXPECT_EQ(refusal("[1e]"), "expected a digit of the exponent at byte 3");
  EXPECT_EQ(refusal("[1e+-1]"), "expected a digit of the exponent at byte 4");
  for (const std::string& text : {std::string("1e309"), std::string("-1E+99999999999999999999"),
                                  std::string("1e9223372036854775807"), "1" + std::string(400, '0'),
                                  "1" + std::string(400, '0') + "e-20"}) {
    EXPECT_EQ(refusal(text), "a number beyond what a double holds at byte 0") << text;
  }
}

TEST(JsonReader, DecodesStrings) {
  EXPECT_EQ(string_of(R"("")"), "");
  EXPECT_EQ(string_of(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(string_of(R"("\u0041\u00e9\u20AC\uD83D\uDE00!")"), "Aé€😀!");
  EXPECT_EQ(string_of(R"("grüße")"), "grüße");
  EXPECT_EQ(string_of(R"("a\u0000b")"), std::string("a\0b", 3));
  EXPECT_EQ(string_of("\"\x7f\""), "\x7f");
}

TEST(JsonReader, RefusesOtherStrings) {
  EXPECT_EQ(refusal("\"a"), "expected '\"', but the text ends at byte 2");
  EXPECT_EQ(refusal("\"a\nb\""), "a control character in a string at byte 2");
  EXPECT_EQ(refusal(R"("\x41")"), "an escape that JSON does not have at byte 1");
  EXPECT_EQ(refusal("\"\\"), "an escape that JSON does not have at byte 1");
  for (const std::string_view text : {R"("\u12")", R"("\u12g4")", R"("\u-123")", R"("\u")"}) {
    EXPECT_EQ(refusal(text), "expected four hexadecimal digits at byte 1") << text;
  }
  for (const std::string_view text :
       {R"("\uD83D")", R"("\uDE00")", R"("\uD83Dx")", R"("\uD83D\u0041")", R"("\uD83D\n")"}) {
    EXPECT_EQ(refusal(text), "half of a surrogate pair at byte 1") << text;
  }
  EXPECT_EQ(refusal("[\"\xff\"]"), "not UTF-8 at byte 2");
  EXPECT_EQ(refusal("\"\xe2\x82"), "not UTF-8 at byte 3");
}

TEST(JsonReader, RefusesWhatIsNoJson) {
  const std::vector<std::pair<std::string_view, std::string_view>> rows = {
      {"", "expected a value, but the text ends at byte 0"},
      {"  ", "expected a value, but the text ends at byte 2"},
      {"nul", "expected a value at byte 0"},
      {"True", "expected a value at byte 0"},
      {"'a'", "expected a value at byte 0"},
      {"\xEF\xBB\xBF{}", "expected a value at byte 0"},
      {"\f1", "expected a value at byte 0"},
      {"[1,]", "expected a value at byte 3"},
      {"[,1]", "expected a value at byte 1"},
      {"[1 2]", "expected ',' or ']' at byte 3"},
      {"[1", "expected ',' or ']', but the text ends at byte 2"},
      {"[1}", "expected ',' or ']' at byte 2"},
      {"{\"a\":1,}", "expected a name in quotes at byte 7"},
      {"{a:1}", "expected a name in quotes at byte 1"},
      {"{\"a\" 1}", "expected ':' at byte 5"},
      {"{\"a\":1 \"b\":2}", "expected ',' or '}' at byte 7"},
      {"{\"a\":}", "expected a value at byte 5"},
      {"{\"a\\x\":1}", "an escape that JSON does not have at byte 3"},
      {"{} {}", "expected the end of the text at byte 3"},
      {"/* */ 1", "expected a value at byte 0"}};
  for (const auto& [text, message] : rows) EXPECT_EQ(refusal(text), message) << text;
}

TEST(JsonReader, RefusesNamesThatRepeat) {
  EXPECT_EQ(refusal(R"({"a":1,"b":2,"\u0061":3})"),
            "the name 'a' is there twice in the object that ends at byte 23");
  EXPECT_EQ(refusal(R"({"z":1,"b":2,"z":3,"b":4,"a":5,"a":6})"),
            "the name 'z' is there twice in the object that ends at byte 36");
}

TEST(JsonReader, KeepsItsLimits) {
  EXPECT_EQ(refusal("[[1]]", {.max_depth = 2}), "(read)");
  EXPECT_EQ(refusal("[[{}]]", {.max_depth = 2}), "deeper than 2 levels at byte 2");
  EXPECT_EQ(refusal("[1,2]", {.max_values = 3}), "(read)");
  EXPECT_EQ(refusal("[1,2,3]", {.max_values = 3}), "more than 3 values at byte 5");
  EXPECT_EQ(refusal("[12]", {.max_size = 4}), "(read)");
  EXPECT_EQ(refusal("[12] ", {.max_size = 4}),
            "5 bytes of text, above the limit of 4, which ends at byte 4");
  EXPECT_EQ(refusal(std::string(64, '[') + std::string(64, ']')), "(read)");
  EXPECT_EQ(refusal(std::string(65, '[')), "deeper than 64 levels at byte 64");
}

TEST(JsonReader, TellsThePlaceOfAnError) {
  const auto parsed = parse_json("[1,\n 2,\n x]");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().offset, 9U);
}

// However a text is cut short, it is refused: nothing is read beyond its end.
TEST(JsonReader, RefusesEveryPrefix) {
  const std::string text = R"({"a":[1.5e+3,"\uD83D\uDE00\n",true,{"b":null}]})";
  ASSERT_EQ(refusal(text), "(read)");
  for (std::size_t size = 0; size < text.size(); ++size) {
    const std::vector<char> prefix(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_NE(refusal({prefix.data(), prefix.size()}), "(read)") << size;
  }
}

}  // namespace
}  // namespace duplex::codec
