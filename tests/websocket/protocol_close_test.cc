// Control frames and the closing handshake: RFC 6455 sections 5.5 and 7.
#include <gtest/gtest.h>

#include "session.h"

namespace duplex::websocket {
namespace {

using support::client_frame;
using support::close_payload;
using support::server_frame;

TEST(ProtocolCloseTest, EchoesEachCodeThatMayBeSent) {
  for (unsigned code = 0; code <= 5001; ++code) {
    const bool sendable = is_sendable(static_cast<CloseCode>(code == 5001 ? 65535 : code));
    const unsigned number = code == 5001 ? 65535 : code;
    Session session;
    session.receive(client_frame(0x88, close_payload(number)));
    if (!sendable) {
      session.expect_failed(Violation::close_code_invalid, 1002);
      EXPECT_FALSE(session->close_received());
      continue;
    }
    ASSERT_EQ(session.events(), Lines{"close " + std::to_string(number) + " "});
    EXPECT_EQ(session.sent_bytes(), server_frame(0x88, close_payload(number)));
    EXPECT_EQ(session->state(), State::closed);
    EXPECT_EQ(session->received_close_code(), static_cast<CloseCode>(number));
    EXPECT_EQ(session->violation(), Violation::none);
  }
}

TEST(ProtocolCloseTest, AnEmptyCloseIsAnsweredEmpty) {
  Session session;
  session.receive(client_frame(0x88, ""));
  EXPECT_EQ(session.events(), Lines{"close 1005 "});
  EXPECT_EQ(session.sent_bytes(), server_frame(0x88, ""));
  EXPECT_TRUE(session->close_sent() && session->close_received());
}

TEST(ProtocolCloseTest, TheReasonReachesTheUser) {
  const std::string frame = client_frame(0x88, close_payload(4000, "gr\xc3\xbc\xc3\x9f"));
  for (std::size_t cut = 1; cut <= frame.size(); ++cut) {
    Session session;
    session.receive(frame.substr(0, cut));
    session.receive(frame.substr(cut));
    ASSERT_EQ(session.events(), Lines{"close 4000 gr\xc3\xbc\xc3\x9f"});
  }
}

TEST(ProtocolCloseTest, WrongPayloadsFail) {
  Session one_byte;
  one_byte.receive(client_frame(0x88, "\x03"));
  one_byte.expect_failed(Violation::close_payload_too_short, 1002);
  Session reason;
  reason.receive(client_frame(0x88, close_payload(1000, "\xff")));
  reason.expect_failed(Violation::close_reason_invalid_utf8, 1007);
}

TEST(ProtocolCloseTest, OurCloseWaitsForThePeers) {
  Session session;
  session->start_closing_handshake(CloseCode::going_away, "restart");
  EXPECT_EQ(session->state(), State::closing);
  EXPECT_EQ(session.sent_bytes(), server_frame(0x88, close_payload(1001, "restart")));
  EXPECT_EQ(session->received_close_code(), CloseCode::abnormal_closure);
  session.receive(client_frame(0x81, "still under way") + client_frame(0x89, "p") +
                  client_frame(0x88, close_payload(1001)) + client_frame(0x81, "too late"));
  EXPECT_EQ(session.events(), (Lines{"text still under way", "ping p", "close 1001 "}));
  // Section 5.5.2: a ping is answered until a Close frame was received; that one is not.
  EXPECT_EQ(session.sent_bytes(), server_frame(0x8A, "p"));
  EXPECT_EQ(session->state(), State::closed);
}

TEST(ProtocolCloseTest, OnlyTheFirstCloseCounts) {
  Session session;
  session->start_closing_handshake(CloseCode::normal_closure);
  session->start_closing_handshake(CloseCode::going_away);
  session->fail(CloseCode::internal_error);
  EXPECT_EQ(session.sent_bytes(), server_frame(0x88, close_payload(1000)));
  EXPECT_EQ(session->state(), State::closed);
  session->start_closing_handshake(CloseCode::going_away);
  session->fail(CloseCode::internal_error);
  EXPECT_EQ(session.sent_bytes(), "");
}

TEST(ProtocolCloseTest, FailingSendsACloseAndReadsNothingMore) {
  Session session;
  auto bytes = support::to_bytes(client_frame(0x81, "a") + client_frame(0x81, "b"));
  session->receive(bytes, session.now());
  ASSERT_TRUE(session->next_event());
  session->fail(CloseCode::internal_error, "handler");
  EXPECT_FALSE(session->next_event());
  EXPECT_EQ(session.sent_bytes(), server_frame(0x88, close_payload(1011, "handler")));
  EXPECT_EQ(session->violation(), Violation::none);
}

TEST(ProtocolCloseTest, FailingKeepsTheViewOfTheLastEvent) {
  Session session;
  session.receive(client_frame(0x01, "Hel"));
  auto bytes = support::to_bytes(client_frame(0x80, "lo"));
  session->receive(bytes, session.now());
  const auto event = session->next_event();
  session->fail(CloseCode::internal_error);
  EXPECT_EQ(as_text(event->payload), "Hello");
}

TEST(ProtocolCloseTest, AbnormalClosureIsNeverSent) {
  Session session;
  session->fail(CloseCode::abnormal_closure);
  EXPECT_EQ(session->state(), State::closed);
  EXPECT_EQ(session.sent_bytes(), "");
  EXPECT_FALSE(session->close_sent());
}

TEST(ProtocolCloseTest, NothingIsSentAfterOurClose) {
  Session session;
  session->start_closing_handshake(CloseCode::normal_closure);
  session.sent_bytes();
  EXPECT_EQ(session->send_text("x"), SendStatus::refused);
  EXPECT_EQ(session->send_fragment(Opcode::text, {}, true), SendStatus::refused);
  EXPECT_EQ(session->send_ping({}), SendStatus::refused);
  EXPECT_EQ(session->send_encoded(encode_broadcast(Opcode::text, {})), SendStatus::refused);
  EXPECT_EQ(session.sent_bytes(), "");
}

TEST(ProtocolCloseTest, AClientMasksItsCloseToo) {
  Session session(Role::client);
  session.receive(server_frame(0x88, close_payload(1000)));
  const auto frames = session.sent();
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].masking_key.size(), 4u);
  EXPECT_EQ(frames[0].payload, close_payload(1000));
}

// --- Pings ---------------------------------------------------------------------------------------

TEST(ProtocolPingTest, EachIsAnsweredInOrder) {
  Session session;
  session.receive(client_frame(0x89, "") + client_frame(0x89, "b") +
                  client_frame(0x89, std::string(125, 'c')));
  EXPECT_EQ(session.sent_bytes(), server_frame(0x8A, "") + server_frame(0x8A, "b") +
                                      server_frame(0x8A, std::string(125, 'c')));
}

TEST(ProtocolPingTest, OnlyTheNewestIsOwedWhileTheQueueIsBlocked) {
  Session session;
  session.receive(client_frame(0x89, "a"));
  session.queue().set_blocked(true);
  session.receive(client_frame(0x89, "b") + client_frame(0x89, "c"));
  EXPECT_EQ(session.sent_bytes(), server_frame(0x8A, "a"));
  session->on_drained();
  EXPECT_EQ(session.sent_bytes(), server_frame(0x8A, "c"));
  session->on_drained();
  EXPECT_EQ(session.sent_bytes(), "");
}

TEST(ProtocolPingTest, ANewerAnswerReplacesTheOwedOne) {
  Session session;
  session.queue().set_blocked(true);
  session.receive(client_frame(0x89, "a"));
  session.queue().set_blocked(false);
  session.receive(client_frame(0x89, "b"));
  session->on_drained();
  EXPECT_EQ(session.sent_bytes(), server_frame(0x8A, "b"));
}

TEST(ProtocolPingTest, NoPongAfterTheEnd) {
  Session session;
  session.queue().set_blocked(true);
  session.receive(client_frame(0x89, "a"));
  session->fail(CloseCode::abnormal_closure);
  session->on_drained();
  EXPECT_EQ(session.sent_bytes(), "");
}

}  // namespace
}  // namespace duplex::websocket
