// `duplex connect --frames` and /raw: what passes through the socket.
#include "../../tools/duplex/connect/frame_view.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "talk.h"

namespace duplex::tools {
namespace {

using Lines = std::vector<std::string>;

class Frames : public testing::Test {
 protected:
  Frames() {
    talk_.tap.watch([this] { view_.restart(); },
                    [this](SocketTap::Way way, Bytes bytes) { view_.hear(way, bytes); });
    talk_.options.commands = true;
  }

  // The first words of each frame.
  Lines frames() const {
    Lines lines;
    std::ranges::copy_if(talk_.console.told, std::back_inserter(lines),
                         [](const std::string& line) { return !line.starts_with(' '); });
    return lines;
  }

  Talk talk_;
  FrameView view_{talk_.console};
};

TEST_F(Frames, AreShownBothWaysBitByBit) {
  talk_.serve();
  EXPECT_EQ(talk_.say({"hello"}), ExitCode::ok);
  // The input ends at once: our Close frame leaves before the echo comes.
  EXPECT_EQ(frames(),
            (Lines{"sent TEXT, 6+5 bytes: \"hello\"", "sent CLOSE, 6+2 bytes: 1000",
                   "received TEXT, 2+5 bytes: \"hello\"", "received CLOSE, 2+2 bytes: 1000"}));
  ASSERT_GT(talk_.console.told.size(), 8U);
  EXPECT_NE(talk_.console.told[2].find("FIN"), std::string::npos);
  EXPECT_TRUE(talk_.console.told[8].starts_with("  │  1  │ 000 │"));
}

TEST_F(Frames, OfOneMessageAreOneEach) {
  talk_.serve();
  talk_.say({"/frag 2 abcd"});
  EXPECT_EQ(frames()[0], "sent TEXT, more follows, 6+2 bytes: \"ab\"");
  EXPECT_EQ(frames()[1], "sent CONTINUATION, 6+2 bytes: \"cd\"");
}

TEST_F(Frames, OfCompressedMessagesAreInflated) {
  talk_.server.websocket(
      "/deflate", {.on_message = [](Connection& peer, Message message) { peer.send(message); }},
      {.deflate = websocket::DeflateOptions{.threshold = 0}});
  talk_.options.url += "deflate";
  talk_.options.connect.deflate = websocket::DeflateOptions{.threshold = 0};
  talk_.say({"aaaaaaaaaaaaaaaaaaaaaaaa"});
  EXPECT_NE(frames()[0].find("compressed: \"aaaaaaaaaaaaaaaaaaaaaaaa\""), std::string::npos)
      << frames()[0];
}

TEST_F(Frames, RawBytesGoBetweenMessagesAsTheyAre) {
  Lines heard;
  talk_.serve({.on_message = [&](Connection&, Message m) { heard.emplace_back(m.text()); },
               .on_ping = [&](Connection&, Bytes b) { heard.emplace_back(as_text(b)); }});
  // A masked ping "hi", the key being 0.
  EXPECT_EQ(talk_.say({"one", "/raw 89 82 00 00 00 00 68 69", "two"}), ExitCode::ok);
  EXPECT_EQ(heard, (Lines{"one", "hi", "two"}));
  EXPECT_EQ(frames()[1], "sent PING, 6+2 bytes: \"hi\"");
}

// RFC 6455 section 5.1: a server must not take a frame without a mask.
TEST_F(Frames, ARawFrameMayBreakTheRules) {
  talk_.serve();
  EXPECT_EQ(talk_.say({"/raw 81 02 68 69"}), ExitCode::protocol_violation);
  EXPECT_EQ(frames()[0], "sent TEXT, 2+2 bytes: \"hi\"");
}

TEST_F(Frames, TheTapCountsWhatPasses) {
  talk_.serve();
  talk_.say({});
  const SocketTap::Figures before = talk_.tap.figures();
  Talk other;
  other.serve();
  other.say({"hello"});
  EXPECT_EQ(other.tap.figures().bytes_sent, before.bytes_sent + 11);
  EXPECT_EQ(other.tap.figures().bytes_received, before.bytes_received + 7);
  EXPECT_EQ(other.tap.figures().connected - other.tap.figures().connecting,
            std::chrono::milliseconds(10));
}

}  // namespace
}  // namespace duplex::tools
