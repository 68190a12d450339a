// The line editor of `duplex connect`: keys in, lines out.
#include "../../tools/duplex/connect/line_editor.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "../../tools/duplex/connect/line_command.h"

namespace duplex::tools {
namespace {

using Kind = EditorEvent::Kind;

class Editor : public testing::Test {
 protected:
  // The lines that these keys enter.
  std::vector<std::string> enter(std::string_view keys) {
    std::vector<std::string> lines;
    for (EditorEvent& event : editor_.feed(keys)) {
      if (event.kind == Kind::line) lines.push_back(std::move(event.text));
    }
    return lines;
  }
  std::string entered(std::string_view keys) {
    const std::vector<std::string> lines = enter(std::string(keys) + '\r');
    return lines.size() == 1 ? lines[0] : "<" + std::to_string(lines.size()) + " lines>";
  }

  LineEditor editor_{"> ", complete_command};
};

TEST_F(Editor, EntersLines) {
  EXPECT_EQ(enter("one\rtwo\nthree"), (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(editor_.line(), "three");
}

TEST_F(Editor, MovesAndErases) {
  EXPECT_EQ(entered("hellp\x7fo"), "hello");
  EXPECT_EQ(entered("ello\x01h"), "hello");  // Ctrl-A
  EXPECT_EQ(entered("hllo\x01\x06"
                    "e\x05!"),
            "hello!");                                       // Ctrl-F, Ctrl-E
  EXPECT_EQ(entered("helo\x1b[Dl"), "hello");                // left
  EXPECT_EQ(entered("helllo\x1b[D\x1b[D\x1b[3~"), "hello");  // delete
  EXPECT_EQ(entered("xhello\x1b[H\x04"), "hello");           // Home, Ctrl-D
  EXPECT_EQ(entered("ell\x1bOH"
                    "h\x1bOF"
                    "o"),
            "hello");
}

TEST_F(Editor, KillsAndYanks) {
  EXPECT_EQ(entered("one two\x17three"), "one three");  // Ctrl-W
  EXPECT_EQ(entered("one two\x15three"), "three");      // Ctrl-U
  EXPECT_EQ(entered("one two\x1b"
                    "b\x0b"
                    "2"),
            "one 2");  // Alt-B, Ctrl-K
  EXPECT_EQ(entered("ab\x15"
                    "c\x19\x19"),
            "cabab");  // Ctrl-Y
  EXPECT_EQ(entered("one two\x1b[1;5D\x1b[1;5D\x1b"
                    "d"),
            " two");
}

TEST_F(Editor, MovesOverWholeCharacters) {
  EXPECT_EQ(entered("gr\xc3\xbc\xc3\x9f\x1b[D\x7fu"), "gru\xc3\x9f");
  EXPECT_EQ(entered("\xe2\x82\xac\x7f"
                    "e"),
            "e");
}

TEST_F(Editor, TakesSequencesCutAnywhere) {
  for (const char key : std::string_view("helo\x1b[Dl\r")) {
    for (const EditorEvent& event : editor_.feed({&key, 1})) EXPECT_EQ(event.text, "hello");
  }
  EXPECT_EQ(editor_.history().size(), 1U);
  EXPECT_EQ(entered("a\x1b[200~b\x1b[15;2~c\x1b\x1b[Dd"), "abdc") << "unknown keys do nothing";
}

TEST_F(Editor, BringsLinesBackAndKeepsTheDraft) {
  enter("one\rtwo\rtwo\r\r");
  EXPECT_EQ(editor_.history(), (std::vector<std::string>{"one", "two"}));
  editor_.feed("dra\x1b[A");
  EXPECT_EQ(editor_.line(), "two");
  editor_.feed("\x1b[A\x1b[A");
  EXPECT_EQ(editor_.line(), "one");
  editor_.feed(
      "\x1b[B\x1b[B\x1b[B"
      "ft");
  EXPECT_EQ(editor_.line(), "draft");
}

TEST_F(Editor, CompletesCommands) {
  EXPECT_EQ(entered("/clo\t1001"), "/close 1001");
  const auto events = editor_.feed("/p\t");
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].kind, Kind::choices);
  EXPECT_EQ(events[0].text, "/ping  /pong");
  EXPECT_EQ(entered("i\t"), "/ping ");
  EXPECT_EQ(entered("hello\t /p\t"), "hello /p");
}

TEST_F(Editor, TellsWhatIsNotForIt) {
  EXPECT_EQ(editor_.feed("\x04")[0].kind, Kind::end);
  EXPECT_EQ(editor_.feed("x\x1a")[0].kind, Kind::suspend);
  EXPECT_EQ(editor_.feed("\x0c")[0].kind, Kind::clear_screen);
  EXPECT_EQ(editor_.line(), "x");
}

TEST_F(Editor, DrawsWhatFitsAroundTheCursor) {
  editor_.feed("abc\x1b[D");
  EXPECT_EQ(editor_.draw(80), "\r> abc\x1b[K\x1b[1D");
  editor_.feed(
      "\x05"
      "defgh");
  EXPECT_EQ(editor_.draw(8), "\r> defgh\x1b[K");
  editor_.feed("\x01");
  EXPECT_EQ(editor_.draw(8), "\r> abcde\x1b[K\x1b[5D");
  EXPECT_EQ(editor_.draw(0), "\r> a\x1b[K\x1b[1D");
}

TEST_F(Editor, ALongPasteIsNoWork) {
  editor_.feed(std::string(1'000'000, 'x'));
  EXPECT_EQ(editor_.draw(80).size(), 1 + 2 + 77 + 3U);
}

}  // namespace
}  // namespace duplex::tools
