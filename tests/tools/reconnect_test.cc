// `duplex connect --reconnect`: what is worth another try, when, and what is not lost meanwhile.
#include "../../tools/duplex/connect/reconnect.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "talk.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

CloseEvent closed_with(unsigned code) { return {.code = static_cast<CloseCode>(code)}; }

TEST(Reconnect, WhatMayPassIsWorthAnotherTry) {
  for (const unsigned code : {1001U, 1006U, 1012U, 1013U}) {
    EXPECT_TRUE(is_worth_another_try(closed_with(code))) << code;
  }
  for (const unsigned code : {1000U, 1002U, 1008U, 1011U, 4000U}) {
    EXPECT_FALSE(is_worth_another_try(closed_with(code))) << code;
  }
  EXPECT_FALSE(is_worth_another_try(CloseEvent{.code = CloseCode::abnormal_closure,
                                               .violation = websocket::Violation::masked_frame}));
  for (const int status : {408, 429, 500, 503}) {
    EXPECT_TRUE(is_worth_another_try(OpeningFailure{.message = {}, .status = status})) << status;
  }
  for (const int status : {200, 401, 404, 426}) {
    EXPECT_FALSE(is_worth_another_try(OpeningFailure{.message = {}, .status = status})) << status;
  }
  EXPECT_FALSE(is_worth_another_try(OpeningFailure{.message = "the answer is not HTTP"}));
  EXPECT_TRUE(is_worth_another_try(
      OpeningFailure{.message = {}, .error = std::make_error_code(std::errc::connection_refused)}));
}

TEST(Reconnect, WaitsLongerAndLongerButNotForEver) {
  Backoff backoff(7);
  auto longest = 500ms;
  for (int attempt = 0; attempt < 12; ++attempt) {
    const auto delay = backoff.next();
    EXPECT_LE(delay, longest);
    EXPECT_GE(delay, longest / 2);
    longest = std::min(2 * longest, std::chrono::milliseconds(30'000));
  }
  EXPECT_EQ(backoff.attempts(), 12U);
  backoff.reset();
  EXPECT_LE(backoff.next(), 500ms);
}

TEST(Reconnect, LinesOutliveTheConnection) {
  Talk talk;
  Lines heard;
  talk.serve({.on_message = [&heard](Connection& peer, Message message) {
    heard.emplace_back(message.text());
    if (message.text() == "die") return peer.abort();
    peer.send(message);
  }});
  talk.options.reconnect = true;
  talk.input.blocks = {{"one", "die"}, {"two"}, {"three"}};
  talk.input.pace = 50ms;
  EXPECT_EQ(talk.run(), ExitCode::ok);
  EXPECT_EQ(heard, (Lines{"one", "die", "two", "three"}));
  EXPECT_EQ(talk.console.shown.back(), "three");
  EXPECT_EQ(talk.figures.connections, 2U);
  ASSERT_EQ(talk.console.told.size(), 1U);
  EXPECT_TRUE(talk.console.told[0].starts_with("duplex connect: closed with 1006"));
  EXPECT_NE(talk.console.told[0].find("; attempt 1 to reconnect in "), std::string::npos);
}

TEST(Reconnect, GivesUpAfterAsManyAttemptsAsItWasTold) {
  Talk talk;
  talk.options.url = "ws://127.0.0.1:81/";
  talk.options.reconnect = true;
  talk.options.max_attempts = 3;
  EXPECT_EQ(talk.run(), ExitCode::could_not_connect);
  EXPECT_EQ(talk.console.told.size(), 3U);
  ASSERT_EQ(talk.console.complaints.size(), 1U);
  EXPECT_TRUE(talk.console.complaints[0].ends_with("given up after 3 attempts to reconnect"));
}

TEST(Reconnect, WhatIsNoWebSocketWillNotBecomeOne) {
  Talk talk;
  talk.options.url = "ws://127.0.0.1/nowhere";
  talk.options.reconnect = true;
  EXPECT_EQ(talk.run(), ExitCode::could_not_connect);
  EXPECT_EQ(talk.console.told, Lines{});
}

TEST(Reconnect, TheEndOfTheTimeEndsTheWaiting) {
  Talk talk;
  talk.options.url = "ws://127.0.0.1:81/";
  talk.options.reconnect = true;
  talk.options.timeout = 3s;
  EXPECT_EQ(talk.run(), ExitCode::ok);
  EXPECT_GE(talk.console.told.size(), 2U);
}

TEST(Reconnect, WithoutItALostConnectionIsTheEnd) {
  Talk talk;
  talk.serve({.on_message = [](Connection& peer, Message) { peer.abort(); }});
  talk.input.ends = false;
  EXPECT_EQ(talk.say({"die"}), ExitCode::could_not_connect);
  EXPECT_EQ(talk.figures.connections, 1U);
}

}  // namespace
}  // namespace duplex::tools
