// What `duplex connect` says, shows and ends with.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "../../tools/duplex/connect/ending.h"
#include "../../tools/duplex/output_file.h"
#include "talk.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

TEST(Conversation, ShowsTheEchoOfEachLine) {
  Talk talk;
  talk.serve();
  talk.options.max_messages = 2;
  EXPECT_EQ(talk.say({"hello", "world"}), ExitCode::ok);
  EXPECT_EQ(talk.console.shown, (Lines{"hello", "world"}));
  EXPECT_EQ(talk.console.complaints, Lines{});
}

TEST(Conversation, EndsWithItsInputButHearsWhatIsUnderWay) {
  Talk talk;
  talk.serve();
  EXPECT_EQ(talk.say({"last"}), ExitCode::ok);
  EXPECT_EQ(talk.console.shown, Lines{"last"});
  EXPECT_EQ(talk.console.notes.back(), "closed with 1000");
}

// Its queue is full after each of them.
TEST(Conversation, EchoesWhateverManyBytesCome) {
  Talk talk;
  std::size_t echoed = 0;
  talk.serve({.on_open =
                  [](Connection& peer, const auto&) {
                    for (int i = 0; i < 5; ++i) peer.send_text(std::string(300'000, 'x'));
                  },
              .on_message = [&echoed](Connection&,
                                      Message message) { echoed += message.payload.size(); }});
  talk.options.echo = true;
  talk.options.max_messages = 5;
  talk.input.ends = false;
  EXPECT_EQ(talk.run(), ExitCode::ok);
  EXPECT_EQ(echoed, 1'500'000U);
}

TEST(Conversation, SaysWhenItCouldNotConnect) {
  Talk talk;
  talk.options.url = "ws://127.0.0.1:81/";
  EXPECT_EQ(talk.run(), ExitCode::could_not_connect);
  ASSERT_EQ(talk.console.complaints.size(), 1U);
  EXPECT_TRUE(talk.console.complaints[0].starts_with("duplex connect: ws://127.0.0.1:81/: "));
}

// Both Close frames as a transcript has them: "C 1000 bye".
class Closes {
 public:
  explicit Closes(Talk& talk) {
    talk.options.on_utterance = [this](bool by_us, Saying what, Bytes payload) {
      if (what != Saying::close) return;
      const std::string_view text = as_text(payload);
      const unsigned code =
          static_cast<unsigned char>(text[0]) * 256U + static_cast<unsigned char>(text[1]);
      told.push_back((by_us ? "C " : "S ") + std::to_string(code) + " " +
                     std::string(text.substr(2)));
    };
  }
  Lines told;
};

TEST(Conversation, TellsTheCodesAndReasonsOfBothSides) {
  Talk talk;
  talk.serve();
  const Closes closes(talk);
  talk.options.commands = true;
  EXPECT_EQ(talk.say({"/close 3001 so long"}), ExitCode::ok);
  EXPECT_EQ(closes.told, (Lines{"C 3001 so long", "S 3001 "})) << "a server repeats the code";
}

TEST(Conversation, TellsItsOwnCloseAtTheEndOfItsInput) {
  Talk talk;
  talk.serve();
  const Closes closes(talk);
  EXPECT_EQ(talk.say({"last"}), ExitCode::ok);
  EXPECT_EQ(closes.told, (Lines{"C 1000 ", "S 1000 "}));
}

TEST(Conversation, TellsTheServersCloseAlone) {
  Talk talk;
  talk.serve({.on_message = [](Connection& peer, Message) {
    peer.close(CloseCode::going_away, "restart");
  }});
  const Closes closes(talk);
  talk.options.max_messages = 1;
  talk.say({"x"});
  EXPECT_EQ(closes.told, (Lines{"S 1001 restart"}));
}

// The library has sent it by itself.
TEST(Conversation, KnowsTheCloseThatAViolationWasAnsweredWith) {
  const auto answer_to = [](websocket::Violation violation) {
    return close_answered({.violation = violation});
  };
  EXPECT_EQ(answer_to(websocket::Violation::invalid_utf8),
            close_payload(CloseCode::invalid_payload,
                          websocket::describe(websocket::Violation::invalid_utf8)));
  EXPECT_EQ(answer_to(websocket::Violation::none), "");
  EXPECT_EQ(answer_to(websocket::Violation::ping_timeout), "") << "nobody was there to hear it";
}

TEST(Conversation, EndsWithAProtocolViolationForTheServersComplaint) {
  Talk talk;
  talk.serve({.on_message = [](Connection& peer, Message) {
    peer.close(CloseCode::protocol_error, "bad \x1b\nduplex connect: all is well");
  }});
  talk.options.max_messages = 1;
  EXPECT_EQ(talk.say({"x"}), ExitCode::protocol_violation);
  EXPECT_EQ(talk.console.complaints, Lines{"duplex connect: closed with 1002 (bad \\x1b\\n"
                                           "duplex connect: all is well)"});
}

TEST(Conversation, SetsInWhatAServerSaysThatRefusesIt) {
  Talk talk;
  talk.serve();
  talk.options.url = "ws://127.0.0.1/nothing";
  EXPECT_EQ(talk.run(), ExitCode::could_not_connect);
  ASSERT_EQ(talk.console.complaints.size(), 2U);
  EXPECT_EQ(talk.console.complaints[1], "  no such path");
}

TEST(Conversation, HexLinesThatAreNoneAreRefusedAndTheRestIsSent) {
  Talk talk;
  talk.serve();
  talk.options.mode = LineMode::hex;
  EXPECT_EQ(talk.say({"01 ab", "0x1", "ff"}), ExitCode::usage);
  EXPECT_EQ(talk.console.shown, (Lines{"01 ab", "ff"}));
  EXPECT_EQ(talk.console.complaints.size(), 1U);
}

TEST(Conversation, MissesItsThresholdWhenTooFewMessagesCome) {
  Talk talk;
  talk.serve();
  talk.options.max_messages = 3;
  talk.options.timeout = 100ms;
  EXPECT_EQ(talk.say({"one"}), ExitCode::threshold_missed);
  EXPECT_EQ(talk.console.complaints, Lines{"duplex connect: 1 of 3 messages came within 100 ms"});
}

TEST(Conversation, PingsAsOftenAsItWasTold) {
  Talk talk;
  int pings = 0;
  talk.serve({.on_ping = [&pings](Connection&, Bytes) { ++pings; }});
  talk.options.ping_interval = 50ms;
  talk.options.timeout = 240ms;
  talk.input.ends = false;
  EXPECT_EQ(talk.run(), ExitCode::ok);
  EXPECT_EQ(pings, 4);
}

// Pipes stay verbatim.
TEST(Conversation, SlashesAreTextUnlessCommandsAreWanted) {
  Talk talk;
  talk.serve();
  EXPECT_EQ(talk.say({"/ping", "/close"}), ExitCode::ok);
  EXPECT_EQ(talk.console.shown, (Lines{"/ping", "/close"}));
}

TEST(Conversation, PingsAndPongsOnCommand) {
  Talk talk;
  Lines heard;
  const auto hear = [&heard](Connection&, Bytes payload) { heard.emplace_back(as_text(payload)); };
  talk.serve({.on_ping = hear, .on_pong = hear});
  talk.options.commands = true;
  EXPECT_EQ(talk.say({"/ping one", "/pong two", "/ping"}), ExitCode::ok);
  EXPECT_EQ(heard, (Lines{"one", "two", "ping 1"}));
}

TEST(Conversation, ClosesOnCommandWithACodeOfItsOwn) {
  Talk talk;
  std::string end;
  talk.serve({.on_close = [&end](Connection&, const CloseEvent& event) {
    end = std::to_string(static_cast<int>(event.code)) + ' ' + std::string(event.reason);
  }});
  talk.options.commands = true;
  EXPECT_EQ(talk.say({"/close 1008 enough of it", "not said any more"}), ExitCode::ok);
  EXPECT_EQ(end, "1008 enough of it");
}

TEST(Conversation, SendsAMessageInAsManyFramesAsWanted) {
  Talk talk;
  Lines said;
  talk.serve(
      {.on_message = [&said](Connection&, Message message) { said.emplace_back(message.text()); }});
  talk.options.commands = true;
  EXPECT_EQ(talk.say({"/frag 3 gr\u00fc\u00dfe", "/frag 4 ab", "whole"}), ExitCode::ok);
  EXPECT_EQ(said, (Lines{"gr\u00fc\u00dfe", "ab", "whole"}));
}

TEST(Conversation, WhatIsNoCommandIsRefusedAndTheRestIsSent) {
  Talk talk;
  talk.serve();
  talk.options.commands = true;
  EXPECT_EQ(talk.say({"/pnig", "hello", "/file /no/such/file"}), ExitCode::usage);
  EXPECT_EQ(talk.console.shown, Lines{"hello"});
  ASSERT_EQ(talk.console.complaints.size(), 2U);
  EXPECT_EQ(talk.console.complaints[1],
            "duplex connect: /file: cannot read /no/such/file: No such file or directory");
}

TEST(Conversation, SendsAFileAsLinesAreSent) {
  const std::string path = testing::TempDir() + "conversation_test_file";
  ASSERT_TRUE(write_file("test", path, "a\nb\xff"));
  Talk talk;
  talk.serve();
  talk.options.commands = true;
  EXPECT_EQ(talk.say({"/file " + path, "/hex", "/file " + path}), ExitCode::usage);
  EXPECT_EQ(talk.console.shown, Lines{"61 0a 62 ff"});
  EXPECT_EQ(talk.console.complaints.size(), 1U) << "the first was to be a text";
}

TEST(Conversation, IndentsJsonUntilToldOtherwise) {
  Talk talk;
  talk.serve();
  talk.options.commands = true;
  talk.options.indent_json = true;
  talk.input.blocks = {{"[1,2]", "no json"}};
  EXPECT_EQ(talk.run(), ExitCode::ok);
  EXPECT_EQ(talk.console.shown, (Lines{"[\n  1,\n  2\n]", "no json"}));
}

// 5 ms each way; nothing else takes time.
TEST(Conversation, TellsRoundTripsInFrontOfWhatAnswers) {
  Talk talk;
  talk.serve({.on_open = [](Connection& peer, const auto&) { peer.send_text("welcome"); },
              .on_message = [](Connection& peer, Message message) { peer.send(message); }});
  talk.options.display.round_trips = true;
  talk.options.commands = true;
  EXPECT_EQ(talk.say({"hello", "/ping"}), ExitCode::ok);
  EXPECT_EQ(talk.console.shown, (Lines{"      -  welcome", "10.0 ms  hello"}));
  EXPECT_EQ(talk.console.told, (Lines{"pong 'ping 1' after 10.0 ms",
                                      "round trips of 1 reply: 10.0 ms; 1 pong: 10.0 ms"}));
}

TEST(Conversation, StampsMessages) {
  Talk talk;
  talk.serve();
  talk.options.display.timestamps = true;
  EXPECT_EQ(talk.say({"hello"}), ExitCode::ok);
  ASSERT_EQ(talk.console.shown.size(), 1U);
  EXPECT_EQ(talk.console.shown[0].substr(15), "  hello");
}

TEST(Conversation, AnUnwantedPongIsNoted) {
  Talk talk;
  talk.serve({.on_open = [](Connection& peer, const auto&) { peer.pong(as_bytes("hm")); }});
  EXPECT_EQ(talk.run(), ExitCode::ok);
  EXPECT_EQ(talk.console.notes.at(1), "pong 'hm', which no ping asked for");
}

}  // namespace
}  // namespace duplex::tools
