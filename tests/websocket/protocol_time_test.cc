// Keep-alive and deadlines with a clock of our own.
#include <gtest/gtest.h>

#include "session.h"

namespace duplex::websocket {
namespace {

using namespace std::chrono_literals;
using support::client_frame;
using support::server_frame;

TEST(ProtocolTimeTest, PingsASilentPeerThenGivesUp) {
  Session session;
  EXPECT_EQ(session.deadline(), 25s);
  session.advance(24s);
  EXPECT_EQ(session.sent_bytes(), "");
  session.advance(1s);
  EXPECT_EQ(session.sent_bytes(), server_frame(0x89, ""));
  EXPECT_EQ(session.deadline(), 45s);
  session.advance(19s);
  EXPECT_EQ(session->state(), State::open);
  session.advance(1s);
  EXPECT_EQ(session->state(), State::closed);
  EXPECT_EQ(session->violation(), Violation::ping_timeout);
  EXPECT_EQ(session.sent_bytes(), "");  // nobody is there to read a Close frame
  EXPECT_FALSE(session->next_deadline());
}

TEST(ProtocolTimeTest, AnyInputIsASignOfLife) {
  for (const std::string& sign : {client_frame(0x8A, ""), client_frame(0x81, "x").substr(0, 1)}) {
    Session session;
    session.advance(25s);
    session.pass(19s);
    session.receive(sign);
    EXPECT_EQ(session.deadline(), 44s + 25s);
    session.advance(24s);
    session.advance(1s);
    EXPECT_EQ(session.sent_bytes(), server_frame(0x89, "") + server_frame(0x89, ""));
    EXPECT_EQ(session->state(), State::open);
  }
}

// The deadline of the pong counts from when the ping was sent, however late that was.
TEST(ProtocolTimeTest, ALatePingLeavesTheWholeTimeToAnswer) {
  Session session;
  session.advance(60s);
  EXPECT_EQ(session.sent_bytes(), server_frame(0x89, ""));
  EXPECT_EQ(session.deadline(), 80s);
}

TEST(ProtocolTimeTest, ReceivingMovesTheDeadlineWithoutAdvance) {
  Session session;
  session.pass(10s);
  session.receive(client_frame(0x81, "x"));
  EXPECT_EQ(session.deadline(), 35s);
  session.advance(15s);
  EXPECT_EQ(session.sent_bytes(), "");
}

TEST(ProtocolTimeTest, ZeroSwitchesADeadlineOff) {
  Session none(Role::server, {.ping_interval = 0ms, .message_timeout = 0ms, .close_timeout = 0ms});
  EXPECT_FALSE(none->next_deadline());
  none.receive(client_frame(0x01, "x"));
  EXPECT_FALSE(none->next_deadline());
  none.advance(1000h);
  none->start_closing_handshake(CloseCode::normal_closure);
  EXPECT_FALSE(none->next_deadline());
  none.advance(1s);
  none.advance(1000h);
  EXPECT_EQ(none->state(), State::closing);

  Session patient(Role::server, {.ping_timeout = 0ms});
  patient.advance(25s);
  EXPECT_FALSE(patient->next_deadline());
  patient.advance(1000h);
  EXPECT_EQ(patient->state(), State::open);
}

TEST(ProtocolTimeTest, APauseOfOursMovesTheDeadlines) {
  Session silent;
  silent.advance(25s);
  silent.pass(30s);
  silent->was_paused(silent.now() - 28s, silent.now());
  EXPECT_EQ(silent.deadline(), 25s + 28s + 20s);
  silent->was_paused(silent.now() - 40s, silent.now());  // the ping was sent meanwhile
  EXPECT_EQ(silent.deadline(), 55s + 20s);

  Session slow(Role::server, {.ping_interval = 0ms});
  slow.receive(client_frame(0x01, "x"));
  slow.pass(20s);
  slow->was_paused(slow.now() - 15s, slow.now());
  EXPECT_EQ(slow.deadline(), 75s);
}

TEST(ProtocolTimeTest, AMessageMayNotTakeForEver) {
  Session session(Role::server, {.ping_interval = 0ms});
  session.pass(5s);
  session.receive(client_frame(0x82, std::string(100, 'x')).substr(0, 7));
  EXPECT_EQ(session.deadline(), 65s);
  for (int i = 0; i < 59; ++i) {
    session.advance(1s);
    session.receive("x");
  }
  EXPECT_EQ(session.deadline(), 65s);
  EXPECT_EQ(session->state(), State::open);
  session.advance(1s);
  session.expect_failed(Violation::message_deadline, 1008);
}

TEST(ProtocolTimeTest, TheEarlierOfTwoDeadlinesCounts) {
  Session session(Role::server, {.message_timeout = 10s});
  session.receive(client_frame(0x01, "x"));
  EXPECT_EQ(session.deadline(), 10s);
  session.receive(client_frame(0x80, "y"));
  EXPECT_EQ(session.deadline(), 25s);
  Session other(Role::server, {.message_timeout = 30s});
  other.receive(client_frame(0x01, "x"));
  EXPECT_EQ(other.deadline(), 25s);
}

// Switched off, and so long that the clock cannot count it.
TEST(ProtocolTimeTest, DeadlinesThatNeverCome) {
  for (const auto never : {0ms, std::chrono::milliseconds::max()}) {
    Session session(Role::server, {.ping_interval = never,
                                   .ping_timeout = never,
                                   .message_timeout = never,
                                   .close_timeout = never});
    session.receive(client_frame(0x01, "x"));
    EXPECT_FALSE(session->next_deadline());
    session.advance(std::chrono::hours(10'000));
    EXPECT_EQ(session->state(), State::open);
    session->start_closing_handshake(CloseCode::normal_closure);
    session.advance(1s);
    session.advance(std::chrono::hours(10'000));
    EXPECT_FALSE(session->next_deadline());
    EXPECT_EQ(session->state(), State::closing);
    EXPECT_EQ(session.sent_bytes(), server_frame(0x88, support::close_payload(1000)));
  }
}

TEST(ProtocolTimeTest, ThePeerMustAnswerOurClose) {
  Session session;
  session.pass(20s);
  session->start_closing_handshake(CloseCode::normal_closure);
  session.sent_bytes();
  // advance() is due at once, and starts the time.
  EXPECT_LE(session.deadline(), 20s);
  session.advance(0s);
  EXPECT_EQ(session.deadline(), 25s);
  session.pass(4s);
  session.receive(client_frame(0x01, "this does not count"));
  EXPECT_EQ(session.deadline(), 25s);
  session.advance(0s);
  EXPECT_EQ(session->state(), State::closing);
  session.advance(1s);
  EXPECT_EQ(session->state(), State::closed);
  EXPECT_EQ(session->violation(), Violation::close_timeout);
  EXPECT_EQ(session.sent_bytes(), "");
  session.advance(100s);
  EXPECT_EQ(session.sent_bytes(), "");
}

// A peer that pings and reads slowly lets the queue fill and drain again and again.
TEST(ProtocolTimeTest, TheTimeForACloseFrameBeginsAgainOnlyOnce) {
  Session session;
  session->start_closing_handshake(CloseCode::normal_closure);
  session->on_drained();
  session.advance(0s);
  for (int i = 0; i < 4; ++i) {
    session.advance(1s);
    session->on_drained();
  }
  session.advance(1s);
  EXPECT_EQ(session->violation(), Violation::close_timeout);
}

TEST(ProtocolTimeTest, APongMakesTheNextPingDueEarlierThanTheEndOfTheWait) {
  Session session(Role::server, {.ping_interval = 1s, .ping_timeout = 6s});
  session.advance(1s);
  EXPECT_TRUE(session->awaits_pong());
  EXPECT_EQ(session.deadline(), 7s);
  session.receive(client_frame(0x8A, ""));
  EXPECT_FALSE(session->awaits_pong());
  EXPECT_EQ(session.deadline(), 2s);
}

// What waits before our Close frame may take a slow reader longer than the answer to it.
TEST(ProtocolTimeTest, TheTimeForACloseFrameBeginsAgainWhenTheQueueHasDrained) {
  Session session;
  session->start_closing_handshake(CloseCode::normal_closure);
  session.advance(0s);
  session.advance(4s);
  session->on_drained();
  EXPECT_LE(session.deadline(), 4s);
  session.advance(3s);
  session.advance(4s);
  EXPECT_EQ(session->state(), State::closing);
  session.advance(1s);
  EXPECT_EQ(session->violation(), Violation::close_timeout);
}

TEST(ProtocolTimeTest, AMessageUnderWayDoesNotMoveTheCloseDeadline) {
  Session session;
  session.receive(client_frame(0x01, "x"));
  session->start_closing_handshake(CloseCode::normal_closure);
  session.advance(1s);
  EXPECT_EQ(session.deadline(), 6s);
  session.receive(client_frame(0x80, "y"));
  EXPECT_EQ(session.deadline(), 6s);
}

}  // namespace
}  // namespace duplex::websocket
