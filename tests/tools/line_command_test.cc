// Lines of `duplex connect`: messages, commands, and what is refused.
#include "../../tools/duplex/connect/line_command.h"

#include <gtest/gtest.h>

#include <string>

#include "../../tools/duplex/connect/json_text.h"

namespace duplex::tools {
namespace {

std::string text_of(const LineCommand& command) {
  const auto* const message = std::get_if<SayMessage>(&command);
  return message != nullptr && message->text ? std::string(as_text(message->payload)) : "<none>";
}

std::string refusal_of(std::string_view line, LineMode mode = LineMode::text) {
  const LineCommand command = read_line(line, mode);
  const auto* const refusal = std::get_if<Refusal>(&command);
  return refusal != nullptr ? refusal->why : "<none>";
}

TEST(LineCommand, PlainLinesAreMessagesWhateverTheyBeginWith) {
  EXPECT_EQ(text_of(read_plain_line("/ping", LineMode::text)), "/ping");
  EXPECT_EQ(text_of(read_plain_line("", LineMode::text)), "");
  const auto binary = std::get<SayMessage>(read_plain_line("\xff", LineMode::binary));
  EXPECT_FALSE(binary.text);
  EXPECT_EQ(binary.payload.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<Refusal>(read_plain_line("\xff", LineMode::text)));
}

TEST(LineCommand, TwoSlashesStandForOne) {
  EXPECT_EQ(text_of(read_line("//ping", LineMode::text)), "/ping");
  EXPECT_EQ(text_of(read_line("a/b", LineMode::text)), "a/b");
}

TEST(LineCommand, NamesWhatIsNoCommand) {
  EXPECT_EQ(refusal_of("/pnig now"),
            "'/pnig' is no command (see /help); '//pnig now' sends the line itself");
}

TEST(LineCommand, MessagesOfAKindAndSwitchesToIt) {
  EXPECT_EQ(text_of(read_line("/text hi", LineMode::hex)), "hi");
  EXPECT_EQ(std::get<SwitchMode>(read_line("/hex", LineMode::text)).mode, LineMode::hex);
  EXPECT_EQ(std::get<SayMessage>(read_line("/hex 01 ff", LineMode::text)).payload.size(), 2U);
  EXPECT_FALSE(std::get<SayMessage>(read_line("/binary 01", LineMode::text)).text);
  EXPECT_EQ(refusal_of("/hex 0x1"), "'0x1' is not hexadecimal; write two digits a byte: 01 ab ff");
}

TEST(LineCommand, JsonIsSentOnlyIfItIsJson) {
  EXPECT_EQ(text_of(read_line("/json {\"a\": 1e2}", LineMode::text)), "{\"a\": 1e2}");
  EXPECT_TRUE(std::holds_alternative<ToggleJson>(read_line("/json", LineMode::text)));
  EXPECT_TRUE(refusal_of("/json {a: 1}").starts_with("/json: '{a: 1}' is not JSON: "));
}

TEST(LineCommand, FragmentsNeedANumberOfFrames) {
  const auto fragments = std::get<SayFragments>(read_line("/frag 3 a b c", LineMode::text));
  EXPECT_EQ(fragments.count, 3U);
  EXPECT_EQ(fragments.text, "a b c");
  for (const auto* line : {"/frag", "/frag 0 x", "/frag 1001 x", "/frag x", "/frag 3x y"}) {
    EXPECT_TRUE(refusal_of(line).starts_with("/frag: '")) << line;
  }
}

TEST(LineCommand, ControlFramesCarryNoMoreThanTheyMay) {
  EXPECT_EQ(std::get<SayPing>(read_line("/ping a b", LineMode::text)).payload, "a b");
  EXPECT_EQ(std::get<SayPong>(read_line("/pong", LineMode::text)).payload, "");
  EXPECT_EQ(refusal_of("/ping " + std::string(125, 'x')), "<none>");
  EXPECT_TRUE(refusal_of("/ping " + std::string(126, 'x')).starts_with("/ping: 126 bytes; "));
  EXPECT_TRUE(refusal_of("/pong " + std::string(126, 'x')).starts_with("/pong: 126 bytes; "));
}

TEST(LineCommand, ClosesWithWhatMayBeSent) {
  EXPECT_EQ(std::get<SayClose>(read_line("/close", LineMode::text)).code,
            websocket::CloseCode::normal_closure);
  const auto close = std::get<SayClose>(read_line("/close 4001 good bye", LineMode::text));
  EXPECT_EQ(static_cast<int>(close.code), 4001);
  EXPECT_EQ(close.reason, "good bye");
  for (const auto* line :
       {"/close 1005", "/close 999", "/close 5000", "/close 66536", "/close x"}) {
    EXPECT_TRUE(refusal_of(line).find(" is no code that may be sent") != std::string::npos) << line;
  }
  EXPECT_EQ(refusal_of("/close 1000 " + std::string(123, 'x')), "<none>");
  EXPECT_TRUE(refusal_of("/close 1000 " + std::string(124, 'x')).find("124 bytes") !=
              std::string::npos);
}

TEST(LineCommand, RawBytesAreHexadecimalAndNotNone) {
  EXPECT_EQ(std::get<SayRaw>(read_line("/raw 89 80", LineMode::text)).bytes.size(), 2U);
  EXPECT_NE(refusal_of("/raw"), "<none>");
  EXPECT_NE(refusal_of("/raw 8"), "<none>");
  EXPECT_NE(refusal_of("/file"), "<none>");
}

TEST(LineCommand, EveryCommandIsHelpedWithAndCompleted) {
  EXPECT_EQ(command_help().size(), complete_command("/").size() + 1);
  EXPECT_EQ(complete_command("/p").size(), 2U);
  EXPECT_EQ(complete_command("/clo").front(), "/close");
}

TEST(JsonText, IndentsWithoutTouchingTokens) {
  EXPECT_EQ(indented_json("{\"a\":[1e2, \"x,\\\"}\"],\"b\":{},\"c\":[ ]}"),
            "{\n  \"a\": [\n    1e2,\n    \"x,\\\"}\"\n  ],\n  \"b\": {},\n  \"c\": []\n}");
  EXPECT_EQ(indented_json("12345678901234567890123"), "12345678901234567890123");
  EXPECT_EQ(indented_json("{"), std::nullopt);
  EXPECT_EQ(indented_json("hello"), std::nullopt);
}

}  // namespace
}  // namespace duplex::tools
