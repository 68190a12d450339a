// Messages as lines of a terminal.
#include "../../tools/duplex/connect/message_text.h"

#include <gtest/gtest.h>

#include "../../tools/duplex/connect/stdin_lines.h"

namespace duplex::tools {
namespace {

TEST(MessageText, WritesAndReadsHexadecimal) {
  const auto bytes = parse_hex("01 aBFF 00");
  ASSERT_TRUE(bytes);
  EXPECT_EQ(hex_text(*bytes), "01 ab ff 00");
  EXPECT_EQ(parse_hex("")->size(), 0U);
}

TEST(MessageText, RefusesWhatIsNotHexadecimal) {
  for (const auto* text : {"1", "0g", "g0", "01 2", "0x01", "1 2"}) {
    EXPECT_EQ(parse_hex(text), std::nullopt) << text;
  }
}

TEST(MessageText, ShowsNothingThatMovesTheCursor) {
  EXPECT_EQ(printable("two\nlines\tof \"grüße\" €"), "two\nlines\tof \"grüße\" €");
  EXPECT_EQ(printable("\x1b]0;title\x07\r\x7f"), "\\x1b]0;title\\x07\\x0d\\x7f");
  EXPECT_EQ(printable("\xc2\x9b[2J \xc2\xa0"), "\\xc2\\x9b[2J \xc2\xa0");
  EXPECT_EQ(printable("\xff\xc3\xa9"), "\\xff\\xc3\\xa9");
  EXPECT_EQ(printable(std::string_view("\0", 1)), "\\x00");
  EXPECT_EQ(one_line("a\nb\tc\r\x1b"), "a\\nb\\tc\\x0d\\x1b");
}

TEST(MessageText, SplitsHeaders) {
  const auto field = parse_header("Authorization:  Bearer x:y");
  ASSERT_TRUE(field);
  EXPECT_EQ(field->name, "Authorization");
  EXPECT_EQ(field->value, "Bearer x:y");
  EXPECT_EQ(parse_header("Empty:")->value, "");
  EXPECT_FALSE(parse_header("no colon"));
  EXPECT_FALSE(parse_header(": no name"));
}

TEST(StdinReader, TakesCompleteLinesAndLeavesTheRest) {
  std::string text = "one\r\n\ntwo\nthr";
  EXPECT_EQ(take_lines(text), (std::vector<std::string>{"one", "", "two"}));
  EXPECT_EQ(text, "thr");
  text += "ee\n";
  EXPECT_EQ(take_lines(text), (std::vector<std::string>{"three"}));
  EXPECT_EQ(text, "");
}

TEST(StdinReader, LooksForTheEndOfALineWhereItHasNotLookedBefore) {
  std::string text = "unfinished";
  const std::size_t searched = text.size();
  text += "\r\n\ntail";
  EXPECT_EQ(take_lines(text, searched), (std::vector<std::string>{"unfinished", ""}));
  EXPECT_EQ(text, "tail");
}

}  // namespace
}  // namespace duplex::tools
