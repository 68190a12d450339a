// The frame microscope: what the server would say to some bytes.
#include "../../tools/duplex/lab/microscope.h"

#include <gtest/gtest.h>

#include <vector>

#include "duplex/codec/json.h"

namespace duplex::tools::lab {
namespace {

using namespace std::string_view_literals;

codec::JsonValue look_at(std::string_view bytes) {
  std::vector<std::byte> copy(as_bytes(bytes).begin(), as_bytes(bytes).end());
  auto answer = codec::parse_json(examine(copy));
  EXPECT_TRUE(answer.has_value());
  return answer.has_value() ? std::move(*answer) : codec::JsonValue();
}

std::string text(const codec::JsonValue& answer, std::string_view name) {
  const codec::JsonValue* const value = answer.find(name);
  return value != nullptr && value->text() != nullptr ? *value->text() : "none";
}

int code(const codec::JsonValue& answer) {
  const codec::JsonValue* const value = answer.find("code");
  return value == nullptr ? 0 : static_cast<int>(*value->integer());
}

// RFC 6455 section 5.7.
TEST(Microscope, EchoesAMaskedHello) {
  const auto answer = look_at("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
  const auto& events = *answer.find("events")->array();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(text(events[0], "kind"), "text");
  EXPECT_EQ(text(events[0], "text"), "Hello");
  EXPECT_EQ(text(events[0], "hex"), "48656c6c6f");
  EXPECT_EQ(text(answer, "reply"), "810548656c6c6f");
  EXPECT_EQ(text(answer, "state"), "open");
  EXPECT_EQ(code(answer), 0);
}

TEST(Microscope, AnswersAPingAndAClose) {
  const auto answer = look_at("\x89\x81\0\0\0\0a\x88\x82\0\0\0\0\x03\xe8"sv);
  EXPECT_EQ(answer.find("events")->array()->size(), 2U);
  EXPECT_EQ(text(answer, "reply"), "8a0161880203e8");
  EXPECT_EQ(text(answer, "state"), "closed");
  EXPECT_EQ(code(answer), 0);
}

TEST(Microscope, NamesTheRuleThatIsBroken) {
  struct Case {
    std::string_view bytes;
    int code;
    std::string_view section;
  };
  for (const Case& each :
       {Case{"\x81\x05Hello"sv, 1002, "5.1"},                           // no mask
        Case{"\xa1\x80\0\0\0\0"sv, 1002, "5.2"},                        // RSV2
        Case{"\x83\x80\0\0\0\0"sv, 1002, "5.2"},                        // opcode 3
        Case{"\x09\x80\0\0\0\0"sv, 1002, "5.5"},                        // a part of a ping
        Case{"\x81\xfe\0\x05\0\0\0\0Hello"sv, 1002, "5.2"},             // a long form
        Case{"\x81\x82\0\0\0\0\xc3\x28"sv, 1007, "8.1"},                // no UTF-8
        Case{"\x81\xff\0\0\x01\0\0\0\0\0\0\0\0\0"sv, 1009, "message"},  // a terabyte
        Case{"\x80\x80\0\0\0\0"sv, 1002, "5.4"}}) {                     // continues nothing
    const auto answer = look_at(each.bytes);
    EXPECT_EQ(code(answer), each.code);
    EXPECT_NE(text(answer, "violation").find(each.section), std::string::npos)
        << text(answer, "violation");
    EXPECT_EQ(text(answer, "state"), "closed");
    const std::string close = each.code == 1002 ? "03ea" : each.code == 1007 ? "03ef" : "03f1";
    EXPECT_TRUE(text(answer, "reply").starts_with("88")) << text(answer, "reply");
    EXPECT_EQ(text(answer, "reply").substr(4, 4), close);
  }
}

TEST(Microscope, WaitsForTheRest) {
  for (const std::string_view bytes : {""sv, "\x81"sv, "\x81\x85\0\0\0\0He"sv}) {
    const auto answer = look_at(bytes);
    EXPECT_TRUE(answer.find("events")->array()->empty());
    EXPECT_EQ(text(answer, "reply"), "");
    EXPECT_EQ(text(answer, "state"), "open");
  }
  EXPECT_TRUE(*look_at("\x01\x80\0\0\0\0"sv).find("mid_message")->flag());
}

TEST(Microscope, LooksAtNothingBehindTheEnd) {
  const auto answer = look_at("\x88\x80\0\0\0\0\x81\x80\0\0\0\0"sv);
  EXPECT_EQ(answer.find("events")->array()->size(), 1U);
  EXPECT_EQ(text(answer, "state"), "closed");
}

}  // namespace
}  // namespace duplex::tools::lab
