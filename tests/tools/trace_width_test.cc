// A story fits into a terminal of 80 columns.
#include <gtest/gtest.h>

#include "../../tools/duplex/frames/bit_box.h"
#include "../../tools/duplex/trace/render.h"
#include "measure/format.h"
#include "trace_scene.h"

namespace duplex::tools::trace {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    lines.push_back(text.substr(begin, end - begin));
  }
  return lines;
}

// A frame masked with zeros, whose length takes two bytes where it must.
std::string masked(char first, const std::string& payload) {
  std::string frame = {first};
  if (payload.size() < 126) {
    frame += static_cast<char>(0x80 | payload.size());
  } else {
    frame += '\xfe';
    add16(frame, payload.size());
  }
  return frame + std::string(4, '\0') + payload;
}

Story long_story() {
  const std::string option("\x02\x04\xff\xd7\x01\x03\x03\x0a\x04\x02\x01\x01", 12);
  Scene scene;
  scene.add({.flags = "S", .sequence = 4'000'000'000, .options = option});
  scene.add({.from_client = false,
             .flags = "SA",
             .sequence = 4'100'000'000,
             .acknowledgement = 4'000'000'001,
             .options = option});
  scene.client = 4'000'000'001;
  scene.server = 4'100'000'001;
  scene.say(Side::client, "");
  scene.say(Side::client, opening_request);
  scene.say(Side::server, opening_answer());
  scene.say(Side::client, masked('\x81', "duplex"));
  scene.say(Side::client, masked('\x81', "words that go on and on, " + std::string(80, 'x')));
  scene.say(Side::client, masked('\x82', std::string(300, 'y')));
  scene.say(Side::client, masked('\x88', "\x03\xe9" + std::string("I have seen enough of it")));
  scene.say(Side::server, "", "FA");
  return scene.narrator.finish();
}

TEST(TraceWidth, FitsIntoATerminal) {
  const View view = {.layers = {2, 3, 4, 5, 6, 7}, .explain = true, .width = 80, .terminal = true};
  for (const std::string& line : lines_of(render_text(long_story(), view))) {
    EXPECT_LE(measure::display_width(line), 80U) << line;
  }
}

TEST(TraceWidth, BreaksALineBetweenWords) {
  const std::string text = render_text(long_story(), {.width = 80, .terminal = true});
  EXPECT_NE(text.find("CLOSE  1001 (going away: the server shuts down, or\n"
                      "        the page has been left) \"I have seen enough of it\"   6+26 bytes\n"
                      "        “I am done: I send no more messages.”\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("ACK  seq=4000000001 ack=4100000001\n        open after 20.0 µs\n"),
            std::string::npos);
}

TEST(TraceWidth, KeepsALineWholeInAPipe) {
  const std::string text = render_text(long_story(), {.width = 80});
  EXPECT_NE(text.find("the page has been left) \"I have seen enough of it\"   6+26 bytes\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("CLOSE  1001 (going away: the server shuts down, or the page"),
            std::string::npos);
}

TEST(TraceWidth, ShowsFewerBytesInsteadOfAWiderBox) {
  SeenFrame frame;
  frame.header = {.opcode = websocket::Opcode::binary, .masked = true};
  frame.header_size = 8;
  frame.header.payload_length = 300;
  frame.sent.assign(300, std::byte{0x79});
  for (const std::string& line : bit_box(frame, 8)) {
    EXPECT_LE(measure::display_width(line), 72U) << line;
  }
  EXPECT_NE(bit_box(frame, 8)[2].find("│79 79 79 79 …│"), std::string::npos);
}

TEST(TraceWidth, PutsALongLengthTogether) {
  SeenFrame frame;
  frame.header = {.opcode = websocket::Opcode::binary, .masked = true};
  frame.header_size = 14;
  frame.header.payload_length = 70'000;
  frame.sent.assign(70'000, std::byte{0x79});
  const std::vector<std::string> box = bit_box(frame, 8);
  for (const std::string& line : box) EXPECT_LE(measure::display_width(line), 72U) << line;
  EXPECT_NE(box[2].find("│0000000000000000│"), std::string::npos) << box[2];
}

}  // namespace
}  // namespace duplex::tools::trace
