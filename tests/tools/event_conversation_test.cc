// What `duplex connect --socketio` says, shows and ends with, in virtual time.
#include "../../tools/duplex/connect/event_conversation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "talk.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;
using socketio::AckReply;
using socketio::Socket;

class EventTalk : public testing::Test {
 protected:
  EventTalk() {
    options_.url = "http://127.0.0.1";
    options_.client.reconnect = false;
    options_.client.backoff.jitter = 0;
  }

  socketio::Server& serve() {
    io_.emplace(talk_.server);
    io_->on_connection([](Socket& socket) {
      socket.on("echo", [&socket](Values values) {
        socketio::Event event = socketio::make_event("echo");
        event.values.insert(event.values.end(), values.begin(), values.end());
        socket.send(std::move(event));
      });
      socket.on("sum", [](int a, int b, const socketio::Ack& ack) { ack("ok", a + b); });
      socket.on("kick me", [&socket] { socket.disconnect(); });
    });
    io_->of("/guarded").use([](Socket& socket, const socketio::Next& next) {
      if (socket.handshake().auth.find("token") != nullptr) return next({});
      next(socketio::Refusal{.message = "who are you", .data = Json(7)});
    });
    return *io_;
  }
  ExitCode run() {
    EventConversation conversation(talk_.loop, options_, talk_.console, talk_.input);
    conversation.start();
    talk_.loop.run();
    return conversation.exit_code();
  }
  ExitCode say(Lines lines) {
    talk_.input.blocks = {std::move(lines)};
    return run();
  }
  // Each in its time.
  ExitCode say_slowly(const Lines& lines, std::chrono::milliseconds pace = 100ms) {
    for (const std::string& line : lines) talk_.input.blocks.push_back({line});
    talk_.input.pace = pace;
    return run();
  }
  void expect_all_sent(events::Transport transport) {
    Lines heard;
    serve().on_connection([&heard](Socket& socket) {
      socket.on_any([&heard](std::string_view event, Values) { heard.emplace_back(event); });
    });
    options_.client.engine.transports = {transport};
    Lines lines;
    for (int i = 0; i < 1000; ++i) lines.push_back("e" + std::to_string(i));
    EXPECT_EQ(say(lines), ExitCode::ok);
    EXPECT_EQ(heard, lines);
  }
  const Lines& shown() const { return talk_.console.shown; }
  const Lines& complaints() const { return talk_.console.complaints; }

  using Values = socketio::Values;

  Talk talk_;
  std::optional<socketio::Server> io_;
  EventConversationOptions options_;
};

TEST_F(EventTalk, SaysEventsAndShowsThem) {
  serve();
  options_.max_events = 3;
  EXPECT_EQ(say({R"(echo 1 "two words" three {"a": [1, null]})", R"(["echo", "3", "ä\u001b"])",
                 "/binary echo 01ff 00112233445566778899aabbccddeeff00"}),
            ExitCode::ok);
  EXPECT_EQ(shown(), (Lines{R"(echo 1 "two words" three {"a":[1,null]})", "echo \"3\" \"ä\\u001b\"",
                            "echo <2 bytes: 01 ff> <17 bytes: 00 11 22 33 44 55 66 77 88 99 aa bb "
                            "cc dd ee ff ...>"}));
  EXPECT_EQ(complaints(), Lines{});
}

TEST_F(EventTalk, SendsAllBeforeItEnds) { expect_all_sent(events::Transport::websocket); }

TEST_F(EventTalk, SendsAllBeforeItEndsOverPolling) { expect_all_sent(events::Transport::polling); }

TEST_F(EventTalk, WaitsForAnswers) {
  serve();
  EXPECT_EQ(say({"/ack sum 1 2", "/ack sum 3 4"}), ExitCode::ok);
  ASSERT_EQ(shown().size(), 2U);
  EXPECT_EQ(shown()[0].substr(0, 19), "sum -> ok 3 (after ");
  EXPECT_EQ(shown()[1].substr(0, 19), "sum -> ok 7 (after ");
}

TEST_F(EventTalk, MissesAnAnswer) {
  serve();
  options_.ack_timeout = 300ms;
  EXPECT_EQ(say({"/ack echo", "/ack sum 1 2"}), ExitCode::threshold_missed);
  EXPECT_EQ(complaints(), Lines{"duplex connect: echo: no answer, timed out after 300 ms"});
  EXPECT_EQ(shown().size(), 2U);
}

TEST_F(EventTalk, AnswersWhoAsks) {
  std::string answers;
  serve().on_connection([&answers](Socket& socket) {
    socket.on("ask", [&] {
      socket.emit("question", 1, [&answers](AckReply& reply) {
        answers += codec::write_json(Json(reply.values));
      });
    });
  });
  EXPECT_EQ(say_slowly({"ask", "/answer 42 yes", "ask"}), ExitCode::ok);
  EXPECT_EQ(answers, R"([][42,"yes"])");
  EXPECT_EQ(shown(), (Lines{"question 1 ->", "question 1 -> 42 yes"}));
}

TEST_F(EventTalk, JoinsAndLeavesNamespaces) {
  std::string heard;
  serve().of("/guarded").on_connection([&heard](Socket& socket) {
    heard += codec::write_json(socket.handshake().auth);
    socket.emit("welcome");
    socket.on_any([&heard](std::string_view event, Values) { heard += std::string(event); });
  });
  EXPECT_EQ(say_slowly({R"(/join guarded {"token": "t"})", "in-guarded", "/nsp /", "echo here",
                        "/nsp", "/leave /guarded", "/nsp /guarded", "too-late", "/nsp /none",
                        "/leave /none", "/close", "never said"}),
            ExitCode::usage);
  EXPECT_EQ(heard, R"({"token":"t"}in-guarded)");
  EXPECT_EQ(shown(), (Lines{"/guarded welcome", "echo here"}));
  EXPECT_EQ(complaints(),
            (Lines{"duplex connect: not sent: /guarded is not joined (/join /guarded)",
                   "duplex connect: /nsp: /none has not been joined (/join /none)",
                   "duplex connect: /leave: /none is not joined"}));
}

TEST_F(EventTalk, MayTryAgainWithAnotherAuth) {
  serve();
  EXPECT_EQ(say_slowly({"/join /guarded", "lost", R"(/auth {"token": 1})", "/nsp"}),
            ExitCode::could_not_connect);
  EXPECT_EQ(complaints()[0], "duplex connect: /guarded: who are you 7");
  EXPECT_EQ(complaints().size(), 2U);
  const Lines& notes = talk_.console.notes;
  EXPECT_TRUE(std::ranges::any_of(
      notes, [](const std::string& note) { return note.starts_with("* /guarded  joined as "); }));
}

TEST_F(EventTalk, EndsWhenItIsRefused) {
  serve();
  options_.nsp = "/guarded";
  EXPECT_EQ(run(), ExitCode::could_not_connect);
  EXPECT_EQ(complaints(), Lines{"duplex connect: /guarded: who are you 7"});
}

TEST_F(EventTalk, TellsWhoItIs) {
  std::string heard;
  serve().of("/guarded").on_connection([&heard](Socket& socket) {
    heard = codec::write_json(socket.handshake().auth);
  });
  options_.nsp = "/guarded";
  options_.auth = socketio::JsonObject{{"token", "abc"}};
  EXPECT_EQ(run(), ExitCode::ok);
  EXPECT_EQ(heard, R"({"token":"abc"})");
}

TEST_F(EventTalk, SaysWhatItDoesNotSend) {
  serve();
  options_.max_events = 1;
  EXPECT_EQ(say({"move {", "/shout", "/binary many 0 1", "echo"}), ExitCode::usage);
  EXPECT_EQ(complaints().size(), 3U);
  EXPECT_EQ(shown(), Lines{"echo"});
}

TEST_F(EventTalk, ReportsWhatTheClientRefuses) {
  serve();
  std::string line = "/binary many";
  for (int i = 0; i < 11; ++i) line += " 00";
  EXPECT_EQ(say({line}), ExitCode::usage);
  EXPECT_EQ(complaints(),
            Lines{"duplex connect: not sent: many: 11 attachments, above the limit of 10"});
}

TEST_F(EventTalk, SaysWhenItCouldNotConnect) {
  options_.url = "http://127.0.0.1:81";
  EXPECT_EQ(run(), ExitCode::could_not_connect);
  ASSERT_EQ(complaints().size(), 1U);
  EXPECT_TRUE(complaints()[0].starts_with("duplex connect: /: GET: ")) << complaints()[0];
}

TEST_F(EventTalk, EndsWhenItIsSentAway) {
  serve();
  talk_.input.ends = false;
  EXPECT_EQ(say({R"("kick me")"}), ExitCode::ok);
  EXPECT_EQ(talk_.console.notes.back(), "/: io server disconnect");
  EXPECT_EQ(complaints(), Lines{});
}

TEST_F(EventTalk, SaysWhatItMissesWhenItIsSentAway) {
  serve();
  options_.max_events = 2;
  EXPECT_EQ(say({"echo", R"("kick me")"}), ExitCode::threshold_missed);
  EXPECT_EQ(complaints(), Lines{"duplex connect: /: io server disconnect after 1 of 2 events"});
}

TEST_F(EventTalk, EndsWithItsConnection) {
  serve();
  talk_.input.ends = false;
  talk_.loop.run_after(200ms, [this] { io_->close(); });
  EXPECT_EQ(run(), ExitCode::could_not_connect);
  ASSERT_EQ(complaints().size(), 1U);
  EXPECT_TRUE(complaints()[0].starts_with("duplex connect: /: transport ")) << complaints()[0];
}

TEST_F(EventTalk, ConnectsAgainAndLinesWaitMeanwhile) {
  Lines heard;
  serve().on_connection([&heard](Socket& socket) {
    heard.emplace_back("connected");
    socket.on_any([&heard](std::string_view event, Values) { heard.emplace_back(event); });
  });
  options_.client.reconnect = true;
  talk_.loop.run_after(290ms, [this] { io_->close(); });
  EXPECT_EQ(say_slowly({"a", "b", "c", "d"}), ExitCode::ok);
  EXPECT_EQ(heard, (Lines{"connected", "a", "b", "connected", "c", "d"}));
  const Lines& told = talk_.console.told;
  ASSERT_EQ(told.size(), 2U);
  EXPECT_TRUE(told[0].starts_with("duplex connect: /: transport close")) << told[0];
  EXPECT_EQ(told[1], "duplex connect: attempt 1 to reconnect");
}

TEST_F(EventTalk, GivesUpAfterSoManyAttempts) {
  options_.client.reconnect = true;
  options_.client.max_attempts = 2;
  EXPECT_EQ(run(), ExitCode::could_not_connect);
  EXPECT_EQ(talk_.console.told.size(), 2U);
  EXPECT_EQ(complaints().size(), 3U);
}

TEST_F(EventTalk, SeesAViolation) {
  events::EngineHandlers handlers;
  handlers.on_message = [](events::EngineSession& session, const engineio::Packet&) {
    session.send_text(R"(0{"sid":"x"})");
    session.send_text("9");
  };
  const events::EngineServer engine(talk_.server, std::move(handlers), {.path = "/socket.io/"});
  talk_.input.ends = false;
  EXPECT_EQ(run(), ExitCode::protocol_violation);
  EXPECT_TRUE(complaints()[0].starts_with("duplex connect: /: parse error (")) << complaints()[0];
}

TEST_F(EventTalk, EndsInTime) {
  serve();
  options_.timeout = 500ms;
  options_.max_events = 2;
  EXPECT_EQ(say({"echo"}), ExitCode::threshold_missed);
  EXPECT_EQ(complaints(), Lines{"duplex connect: 1 of 2 events came within 500 ms"});
}

TEST_F(EventTalk, EndsInTimeWithoutAnAnswerToItsOpening) {
  talk_.server.get("/socket.io/", [](Exchange&) {});
  options_.timeout = 500ms;
  const auto start = talk_.loop.now();
  EXPECT_EQ(run(), ExitCode::could_not_connect);
  EXPECT_LE(talk_.loop.now() - start, 1100ms);
}

TEST_F(EventTalk, SaysAllAsJson) {
  serve();
  options_.display.json = true;
  options_.max_events = 1;
  EXPECT_EQ(say_slowly({"/ack sum 1 2", "/binary echo 01ff"}), ExitCode::ok);
  Lines types;
  for (const std::string& line : shown()) {
    const auto object = codec::parse_json(line);
    ASSERT_TRUE(object) << line;
    types.push_back(*object->find("type")->text());
    EXPECT_NE(object->find("time"), nullptr);
  }
  EXPECT_EQ(types, (Lines{"connect", "ack", "event", "disconnect"}));
  EXPECT_NE(shown()[0].find(R"("nsp":"/","id":")"), std::string::npos);
  EXPECT_NE(shown()[1].find(R"("event":"sum","status":"answered","values":["ok",3],"seconds":0.0)"),
            std::string::npos)
      << shown()[1];
  EXPECT_TRUE(shown()[2].ends_with(R"("nsp":"/","event":"echo","values":[{"hex":"01 ff"}]})"))
      << shown()[2];
  EXPECT_TRUE(shown()[3].ends_with(
      R"("nsp":"/","reason":"io client disconnect","detail":"","again":false})"));
}

}  // namespace
}  // namespace duplex::tools
