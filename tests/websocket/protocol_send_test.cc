// Sending: RFC 6455 sections 5.3, 5.4, 5.6 and 6.1.
#include <gtest/gtest.h>

#include <set>

#include "session.h"

namespace duplex::websocket {
namespace {

using support::server_frame;
using Hold = Protocol::Hold;

constexpr std::size_t kib = 1024;

TEST(ProtocolSendTest, AServerSendsOneUnmaskedFrame) {
  for (const std::size_t size : {0u, 1u, 125u, 126u, 65535u, 65536u}) {
    const std::string payload(size, 'x');
    Session session;
    EXPECT_NE(session->send_text(payload), SendStatus::refused);
    EXPECT_NE(session->send_binary(as_bytes(payload)), SendStatus::refused);
    EXPECT_EQ(session.sent_bytes(), server_frame(0x81, payload) + server_frame(0x82, payload));
  }
}

TEST(ProtocolSendTest, BorrowedPayloadsAreTheSameOnTheWire) {
  for (const std::size_t size : {std::size_t{0}, 100 * std::size_t{1}, 4 * kib, 100 * kib}) {
    const std::string payload(size, 'x');
    Session session;
    session->send_text(payload, Hold::borrow);
    EXPECT_EQ(session.sent_bytes(), server_frame(0x81, payload));
    Session client(Role::client);
    client->send_text(payload, Hold::borrow);
    EXPECT_EQ(client.sent().at(0).payload, payload);
  }
}

TEST(ProtocolSendTest, LargeBorrowedPayloadsAreNotCopied) {
  const std::string payload(64 * kib, 'x');
  Session session;
  session->send_binary(as_bytes(payload), Hold::borrow);
  std::array<Bytes, 4> views;
  ASSERT_EQ(session.queue().gather(views), 2u);
  EXPECT_EQ(views[1].data(), as_bytes(payload).data());
  EXPECT_EQ(views[1].size(), payload.size());
}

TEST(ProtocolSendTest, CopiedPayloadsMayChangeAfterwards) {
  std::string payload(64 * kib, 'x');
  Session session;
  session->send_text(payload);
  payload.assign(payload.size(), 'y');
  EXPECT_EQ(session.sent_bytes(), server_frame(0x81, std::string(64 * kib, 'x')));
}

TEST(ProtocolSendTest, AClientMasksEachFrameWithAFreshKey) {
  Session session(Role::client);
  const std::string payload(1000, 'x');
  for (int i = 0; i < 1000; ++i) session->send_text(payload);
  session->send_ping({});
  session->send_fragment(Opcode::binary, as_bytes(payload), true);
  std::set<std::string> keys;
  for (const support::WireFrame& frame : session.sent()) {
    EXPECT_EQ(frame.masking_key.size(), 4u);
    EXPECT_TRUE(keys.insert(frame.masking_key).second);
    EXPECT_EQ(frame.payload, frame.opcode() < 8 ? payload : "");
  }
  EXPECT_EQ(keys.size(), 1002u);
}

TEST(ProtocolSendTest, RefusesTextThatIsNotUtf8) {
  Session session;
  EXPECT_EQ(session->send_text("\xff"), SendStatus::refused);
  EXPECT_EQ(session->send_text("\xc3"), SendStatus::refused);
  EXPECT_EQ(session->send_message(Opcode::text, as_bytes("\xc3")), SendStatus::refused);
  EXPECT_EQ(session.sent_bytes(), "");
  EXPECT_EQ(session->send_message(Opcode::binary, as_bytes("\xc3")), SendStatus::ok);
  EXPECT_EQ(session->send_message(Opcode::text, as_bytes("\xc3\xbc"), Hold::copy, true),
            SendStatus::ok);
  EXPECT_EQ(session.sent_bytes(), server_frame(0x82, "\xc3") + server_frame(0x81, "\xc3\xbc"));
}

TEST(ProtocolSendTest, SaysWhenTheQueueIsCongestedOrFull) {
  Session session(Role::server, {.send_high_water = 10, .send_limit = 20});
  EXPECT_EQ(session->send_text("12345678"), SendStatus::ok);
  EXPECT_EQ(session->send_text("1"), SendStatus::congested);
  EXPECT_EQ(session->send_text("12345678"), SendStatus::refused);
  EXPECT_EQ(session->send_text("1234567"), SendStatus::congested);
  EXPECT_EQ(session->send_ping({}), SendStatus::refused);
  EXPECT_EQ(session->send_fragment(Opcode::text, {}, true), SendStatus::refused);
  EXPECT_EQ(session->send_encoded(encode_broadcast(Opcode::text, {})), SendStatus::refused);
  EXPECT_EQ(session.sent_bytes(), server_frame(0x81, "12345678") + server_frame(0x81, "1") +
                                      server_frame(0x81, "1234567"));
  EXPECT_EQ(session->send_text("1"), SendStatus::ok);
  EXPECT_EQ(session->send_text(std::string(21, 'x')), SendStatus::refused);
}

TEST(ProtocolSendTest, ControlFramesHoldAtMost125Bytes) {
  Session session;
  const std::string longest(125, 'p');
  EXPECT_EQ(session->send_ping(as_bytes(longest)), SendStatus::ok);
  EXPECT_EQ(session->send_pong(as_bytes(longest)), SendStatus::ok);
  EXPECT_EQ(session->send_ping(as_bytes(longest + "p")), SendStatus::refused);
  EXPECT_EQ(session.sent_bytes(), server_frame(0x89, longest) + server_frame(0x8A, longest));
}

// --- Fragments -----------------------------------------------------------------------------------

SendStatus send(Session& session, Opcode opcode, std::string_view payload, bool fin) {
  return session->send_fragment(opcode, as_bytes(payload), fin);
}

TEST(ProtocolSendFragmentTest, AMessagePieceByPiece) {
  Session session;
  EXPECT_EQ(send(session, Opcode::text, "a", false), SendStatus::ok);
  EXPECT_EQ(session->send_ping(as_bytes("p")), SendStatus::ok);
  EXPECT_EQ(send(session, Opcode::continuation, "b", false), SendStatus::ok);
  EXPECT_EQ(send(session, Opcode::continuation, "", true), SendStatus::ok);
  EXPECT_EQ(session->send_text("next"), SendStatus::ok);
  EXPECT_EQ(session.sent_bytes(), server_frame(0x01, "a") + server_frame(0x89, "p") +
                                      server_frame(0x00, "b") + server_frame(0x80, "") +
                                      server_frame(0x81, "next"));
}

TEST(ProtocolSendFragmentTest, OneMessageAtATime) {
  Session session;
  EXPECT_EQ(send(session, Opcode::continuation, "a", true), SendStatus::refused);
  EXPECT_EQ(send(session, Opcode::ping, "a", true), SendStatus::refused);
  EXPECT_EQ(send(session, Opcode::binary, "a", false), SendStatus::ok);
  EXPECT_EQ(send(session, Opcode::binary, "a", true), SendStatus::refused);
  EXPECT_EQ(send(session, Opcode::ping, "a", true), SendStatus::refused);
  EXPECT_EQ(session->send_text("x"), SendStatus::refused);
  EXPECT_EQ(session->send_encoded(encode_broadcast(Opcode::text, {})), SendStatus::refused);
  EXPECT_EQ(send(session, Opcode::continuation, "\xff", true), SendStatus::ok);
  EXPECT_EQ(session.sent_bytes(), server_frame(0x02, "a") + server_frame(0x80, "\xff"));
}

TEST(ProtocolSendFragmentTest, TextMustBeUtf8AsAWhole) {
  Session session;
  EXPECT_EQ(send(session, Opcode::text, "\xe2\x82", false), SendStatus::ok);
  EXPECT_EQ(send(session, Opcode::continuation, "\x41", false), SendStatus::refused);
  EXPECT_EQ(send(session, Opcode::continuation, "", true), SendStatus::refused);
  EXPECT_EQ(send(session, Opcode::continuation, "\xac", true), SendStatus::ok);
  EXPECT_EQ(send(session, Opcode::text, "\xe2", true), SendStatus::refused);
  EXPECT_EQ(session.sent_bytes(), server_frame(0x01, "\xe2\x82") + server_frame(0x80, "\xac"));
}

TEST(ProtocolSendTest, APieceThatWasReceivedIsStillChecked) {
  for (const bool pieces : {false, true}) {
    Session session(Role::server, {.deliver_fragments = pieces});
    const auto status =
        session->send_message(Opcode::text, as_bytes("\xc3"), Protocol::Hold::copy, true);
    EXPECT_EQ(status, pieces ? SendStatus::refused : SendStatus::ok);
  }
}

// --- Broadcast -----------------------------------------------------------------------------------

TEST(ProtocolBroadcastTest, OneFrameForManyReceivers) {
  for (const std::size_t size : {0u, 5u, 126u, 1000u, 70000u}) {
    const std::string payload(size, 'x');
    const SharedBytes frame = encode_broadcast(Opcode::text, as_bytes(payload));
    Session a;
    Session b;
    EXPECT_NE(a->send_encoded(frame), SendStatus::refused);
    EXPECT_NE(b->send_encoded(frame), SendStatus::refused);
    EXPECT_EQ(a.sent_bytes(), server_frame(0x81, payload));
    EXPECT_EQ(b.sent_bytes(), server_frame(0x81, payload));
  }
}

// Section 8.1 holds for a text that many receive as for one.
TEST(ProtocolBroadcastTest, TextMustBeUtf8) {
  EXPECT_EQ(encode_broadcast(Opcode::text, as_bytes("\xff")), nullptr);
  EXPECT_NE(encode_broadcast(Opcode::binary, as_bytes("\xff")), nullptr);
  Session session;
  EXPECT_EQ(session->send_encoded(nullptr), SendStatus::refused);
  EXPECT_EQ(session.sent_bytes(), "");
}

}  // namespace
}  // namespace duplex::websocket
