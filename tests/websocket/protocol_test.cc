// Receiving messages: RFC 6455 sections 5.2 to 5.6.
#include "duplex/websocket/protocol.h"

#include <gtest/gtest.h>

#include "session.h"

namespace duplex::websocket {
namespace {

using support::client_frame;
using support::from_hex;
using support::server_frame;

constexpr std::size_t kib = 1024;

TEST(ProtocolTest, DeliversTheExampleOfTheRfc) {
  Session session;
  session.receive(from_hex("81 85 37 fa 21 3d 7f 9f 4d 51 58"));
  EXPECT_EQ(session.events(), Lines{"text Hello"});
  EXPECT_EQ(session->state(), State::open);
}

TEST(ProtocolTest, AWholeMessageIsAViewIntoTheInput) {
  Session session;
  auto bytes = support::to_bytes(client_frame(0x82, "payload"));
  session->receive(bytes, session.now());
  const auto event = session->next_event();
  ASSERT_TRUE(event);
  EXPECT_EQ(event->kind, Event::Kind::binary);
  EXPECT_EQ(event->opcode, Opcode::binary);
  EXPECT_EQ(event->payload.data(), bytes.data() + 6);
  EXPECT_EQ(as_text(event->payload), "payload");
  EXPECT_FALSE(session->next_event());
}

TEST(ProtocolTest, SeveralMessagesInOneRead) {
  Session session;
  session.receive(client_frame(0x81, "a") + client_frame(0x82, "") + client_frame(0x81, "c"));
  EXPECT_EQ(session.events(), (Lines{"text a", "binary ", "text c"}));
}

TEST(ProtocolTest, UnmasksAcrossEveryCutOfTheKey) {
  const std::string payload = "0123456789abcdef";
  const std::string bytes = client_frame(0x82, payload);
  for (std::size_t a = 1; a < bytes.size(); ++a) {
    for (std::size_t b = a + 1; b < bytes.size(); ++b) {
      Session session;
      session.receive(bytes.substr(0, a));
      session.receive(bytes.substr(a, b - a));
      session.receive(bytes.substr(b));
      ASSERT_EQ(session.events(), Lines{"binary " + payload}) << a << " " << b;
    }
  }
}

TEST(ProtocolTest, ReassemblesFragmentsAroundControlFrames) {
  Session session;
  session.receive(client_frame(0x01, "Hel") + client_frame(0x89, "p"));
  EXPECT_TRUE(session->mid_message());
  session.receive(client_frame(0x00, "") + client_frame(0x8A, "q") + client_frame(0x80, "lo"));
  EXPECT_EQ(session.events(), (Lines{"ping p", "pong q", "text Hello"}));
  EXPECT_FALSE(session->mid_message());
}

TEST(ProtocolTest, AControlFrameMayBeCutInsideAMessage) {
  const std::string ping = client_frame(0x89, std::string(125, 'p'));
  for (std::size_t cut = 1; cut < ping.size(); ++cut) {
    Session session;
    session.receive(client_frame(0x02, "ab") + ping.substr(0, cut));
    session.receive(ping.substr(cut) + client_frame(0x80, "cd"));
    ASSERT_EQ(session.events(), (Lines{"ping " + std::string(125, 'p'), "binary abcd"})) << cut;
  }
}

TEST(ProtocolTest, DropsAMessageThatACloseInterrupts) {
  Session session;
  session.receive(client_frame(0x01, "Hel") + client_frame(0x88, support::close_payload(1000)) +
                  client_frame(0x80, "lo"));
  EXPECT_EQ(session.events(), Lines{"close 1000 "});
  EXPECT_FALSE(session->mid_message());
}

TEST(ProtocolTest, FailsTextThatIsNotUtf8AsSoonAsTheByteIsIn) {
  Session fragment;
  fragment.receive(client_frame(0x01, "ab\xff"));
  fragment.expect_failed(Violation::invalid_utf8, 1007);

  Session cut;
  cut.receive(client_frame(0x81, "ab\xff" + std::string(50, 'x')).substr(0, 10));
  cut.expect_failed(Violation::invalid_utf8, 1007);

  Session surrogate;
  surrogate.receive(client_frame(0x01, "\xed") + client_frame(0x00, "\xa0"));
  surrogate.expect_failed(Violation::invalid_utf8, 1007);

  Session unfinished;
  unfinished.receive(client_frame(0x01, "\xe2\x82") + client_frame(0x80, ""));
  unfinished.expect_failed(Violation::invalid_utf8, 1007);

  Session whole;
  whole.receive(client_frame(0x81, "\xe2\x82"));
  whole.expect_failed(Violation::invalid_utf8, 1007);
}

TEST(ProtocolTest, NothingIsReadAfterAFailure) {
  Session session;
  session.receive(client_frame(0x81, "first") + client_frame(0x83, "bad") +
                  client_frame(0x81, "second"));
  session.expect_failed(Violation::reserved_opcode, 1002);
  session.receive(client_frame(0x81, "third"));
  EXPECT_EQ(session.events(), Lines{"text first"});
  EXPECT_TRUE(session->take_unread().empty());
  EXPECT_EQ(session.sent_bytes(), "");
}

TEST(ProtocolTest, TheReasonOfAFailureNamesTheRule) {
  Session session;
  session.receive(server_frame(0x81, "not masked"));
  EXPECT_EQ(session.sent().at(0).payload,
            support::close_payload(1002, describe(Violation::unmasked_frame)));
}

TEST(ProtocolTest, UnreadInputCanBeTakenAndGivenBack) {
  Session session;
  auto bytes = support::to_bytes(client_frame(0x81, "a") + client_frame(0x81, "b") +
                                 client_frame(0x81, "c").substr(0, 3));
  session->receive(bytes, session.now());
  ASSERT_TRUE(session->next_event());
  const std::string rest = support::to_string(session->take_unread());
  EXPECT_EQ(rest, client_frame(0x81, "b") + client_frame(0x81, "c").substr(0, 3));
  EXPECT_FALSE(session->next_event());
  session.receive(rest);
  session.receive(client_frame(0x81, "c").substr(3));
  EXPECT_EQ(session.events(), (Lines{"text b", "text c"}));
}

TEST(ProtocolTest, LimitsFragmentsAndBytesOfAMessage) {
  Session many(Role::server, {.max_fragments = 3});
  many.receive(client_frame(0x01, "") + client_frame(0x00, "") + client_frame(0x80, ""));
  EXPECT_EQ(many.events(), Lines{"text "});
  many.receive(client_frame(0x01, "") + client_frame(0x00, "") + client_frame(0x00, "") +
               client_frame(0x80, ""));
  many.expect_failed(Violation::too_many_fragments, 1008);

  Session big(Role::server, {.max_message_size = 5});
  big.receive(client_frame(0x82, "12345") + client_frame(0x02, "123") + client_frame(0x80, "456"));
  EXPECT_EQ(big.events(), Lines{"binary 12345"});
  big.expect_failed(Violation::message_too_big, 1009);
}

// --- Reading straight into the message's memory --------------------------------------------------

TEST(ProtocolTest, LargeFramesOfferTheirMemory) {
  const std::string payload(300 * kib, 'x');
  const std::string bytes = client_frame(0x82, payload);
  Session session;
  session.receive(bytes.substr(0, 100));
  EXPECT_FALSE(session->receive_target().empty());
  session.receive_where_wanted(bytes.substr(100));
  EXPECT_EQ(session.events(), Lines{"binary " + payload});
  EXPECT_TRUE(session->receive_target().empty());
}

TEST(ProtocolTest, ATargetNeverReachesBeyondTheFrame) {
  const std::string bytes = client_frame(0x02, std::string(20 * kib, 'x'));
  Session session;
  session.receive(bytes.substr(0, 1 * kib));
  EXPECT_EQ(session->receive_target().size(), bytes.size() - 1 * kib);
}

TEST(ProtocolTest, SmallAndControlFramesAndHeadersOfferNone) {
  Session session;
  EXPECT_TRUE(session->receive_target().empty());
  session.receive(client_frame(0x81, std::string(1000, 'x')).substr(0, 500));
  EXPECT_TRUE(session->receive_target().empty());
  Session control;
  control.receive(client_frame(0x89, "ping").substr(0, 7));
  EXPECT_TRUE(control->receive_target().empty());
}

TEST(ProtocolTest, NoTargetWhileInputIsUnread) {
  const std::string bytes = client_frame(0x82, std::string(200 * kib, 'x'));
  Session session;
  session.receive(bytes.substr(0, 100));
  auto more = support::to_bytes(bytes.substr(100, 100));
  session->receive(more, session.now());
  EXPECT_TRUE(session->receive_target().empty());
}

TEST(ProtocolTest, PiecesOfMessagesOfferNone) {
  Session session(Role::server, {.deliver_fragments = true});
  session.receive(client_frame(0x82, std::string(200 * kib, 'x')).substr(0, 100));
  EXPECT_TRUE(session->receive_target().empty());
}

TEST(ProtocolTest, BytesReceivedInPlaceCanBeTakenUnread) {
  const std::string payload(100 * kib, 'x');
  const std::string bytes = client_frame(0x82, payload);
  Session session;
  session.receive(bytes.substr(0, 100));
  const MutableBytes target = session->receive_target();
  std::copy_n(as_bytes(bytes).begin() + 100, 50, target.begin());
  session->received_in_place(50, session.now());
  const std::string unread = support::to_string(session->take_unread());
  EXPECT_EQ(unread, bytes.substr(100, 50));
  session.receive(unread);
  session.receive(bytes.substr(150));
  EXPECT_EQ(session.events(), Lines{"binary " + payload});
}

TEST(ProtocolTest, BytesReceivedInPlaceAfterTheEndAreIgnored) {
  Session session;
  session.receive(client_frame(0x82, std::string(100 * kib, 'x')).substr(0, 100));
  ASSERT_FALSE(session->receive_target().empty());
  session->fail(CloseCode::going_away);
  session->received_in_place(50, session.now());
  EXPECT_FALSE(session->next_event());
  EXPECT_TRUE(session->receive_target().empty());
}

// --- Pieces --------------------------------------------------------------------------------------

struct Piece {
  std::string payload;
  bool first;
  bool final;
  friend bool operator==(const Piece&, const Piece&) = default;
};

std::vector<Piece> pieces(Session& session, std::string_view bytes) {
  std::vector<Piece> found;
  auto memory = support::to_bytes(bytes);
  session->receive(memory, session.now());
  while (auto event = session->next_event()) {
    EXPECT_EQ(event->kind, Event::Kind::fragment);
    found.push_back({std::string(as_text(event->payload)), event->first, event->final});
  }
  return found;
}

using Pieces = std::vector<Piece>;

TEST(ProtocolPiecesTest, ComeAsTheyArrive) {
  Session session(Role::server, {.deliver_fragments = true});
  const std::string frame = client_frame(0x81, "Hello, world");
  EXPECT_EQ(pieces(session, frame.substr(0, 9)), (Pieces{{"Hel", true, false}}));
  EXPECT_TRUE(session->mid_message());
  EXPECT_EQ(pieces(session, frame.substr(9)), (Pieces{{"lo, world", false, true}}));
  EXPECT_FALSE(session->mid_message());
}

TEST(ProtocolPiecesTest, AWholeMessageIsOnePiece) {
  Session session(Role::server, {.deliver_fragments = true});
  EXPECT_EQ(pieces(session, client_frame(0x81, "a") + client_frame(0x82, "")),
            (Pieces{{"a", true, true}, {"", true, true}}));
}

TEST(ProtocolPiecesTest, EmptyOnesAreLeftOutExceptTheLast) {
  Session session(Role::server, {.deliver_fragments = true});
  EXPECT_EQ(pieces(session, client_frame(0x01, "") + client_frame(0x00, "a") +
                                client_frame(0x00, "") + client_frame(0x80, "")),
            (Pieces{{"a", true, false}, {"", false, true}}));
  EXPECT_EQ(pieces(session, client_frame(0x02, "") + client_frame(0x80, "")),
            (Pieces{{"", true, true}}));
}

TEST(ProtocolPiecesTest, TextIsCheckedBeforeItIsDelivered) {
  Session session(Role::server, {.deliver_fragments = true});
  EXPECT_EQ(pieces(session, client_frame(0x01, "\xc3") + client_frame(0x00, "x")),
            (Pieces{{"\xc3", true, false}}));
  session.expect_failed(Violation::invalid_utf8, 1007);

  Session unfinished(Role::server, {.deliver_fragments = true});
  EXPECT_EQ(pieces(unfinished, client_frame(0x01, "\xc3") + client_frame(0x80, "")),
            (Pieces{{"\xc3", true, false}}));
  unfinished.expect_failed(Violation::invalid_utf8, 1007);
}

TEST(ProtocolPiecesTest, AreLimitedAsAMessage) {
  Session session(Role::server, {.max_message_size = 5, .deliver_fragments = true});
  EXPECT_EQ(pieces(session, client_frame(0x02, "123") + client_frame(0x80, "456")),
            (Pieces{{"123", true, false}}));
  session.expect_failed(Violation::message_too_big, 1009);
}

// --- Client --------------------------------------------------------------------------------------

TEST(ProtocolClientTest, ReadsUnmaskedFrames) {
  const std::string bytes = server_frame(0x01, "Hel") + server_frame(0x80, "lo") +
                            server_frame(0x82, std::string(300, 'x'));
  Session whole(Role::client);
  whole.receive(bytes);
  EXPECT_EQ(whole.events(), (Lines{"text Hello", "binary " + std::string(300, 'x')}));
  Session split(Role::client);
  for (const char c : bytes) split.receive(std::string(1, c));
  EXPECT_EQ(split.events(), whole.events());
}

TEST(ProtocolClientTest, ReadsLargeFramesIntoTheMessage) {
  const std::string payload(200 * kib, 'x');
  Session session(Role::client);
  const std::string bytes = server_frame(0x82, payload);
  session.receive(bytes.substr(0, 20));
  session.receive_where_wanted(bytes.substr(20));
  EXPECT_EQ(session.events(), Lines{"binary " + payload});
}

// Rows K29 to K36: what a hostile server sends after a right handshake.
TEST(ProtocolClientTest, WithstandsHostileServers) {
  const auto fails = [](std::string_view bytes, Violation violation, unsigned code) {
    for (const std::size_t step : {bytes.size(), std::size_t{1}}) {
      Session session(Role::client);
      for (std::size_t at = 0; at < bytes.size(); at += step) {
        session.receive(bytes.substr(at, step));
      }
      session.expect_failed(violation, code);
      EXPECT_TRUE(session.events().empty());
    }
  };
  fails(from_hex("81 82 00 00 00 00 68 69"), Violation::masked_frame, 1002);
  fails(from_hex("82 7f 7f ff ff ff ff ff ff ff"), Violation::message_too_big, 1009);
  fails(from_hex("82 7f ff ff ff ff ff ff ff ff"), Violation::length_top_bit, 1002);
  fails(from_hex("c1 02 68 69"), Violation::reserved_bits, 1002);
  fails(from_hex("88 02 03 ed"), Violation::close_code_invalid, 1002);
  std::string flood = from_hex("01 00");
  for (int i = 0; i < 200'000; ++i) flood += from_hex("00 00");
  fails(flood, Violation::too_many_fragments, 1008);
}

TEST(ProtocolClientTest, AnswersAFloodOfPingsWithOneWhileItCannotWrite) {
  std::string bytes;
  for (int i = 0; i < 10'000; ++i) bytes += server_frame(0x89, "p" + std::to_string(i));
  Session session(Role::client);
  session.queue().set_blocked(true);
  session.receive(bytes + server_frame(0x81, "hi"));
  EXPECT_EQ(session.record().count("ping"), 10'000u);
  EXPECT_EQ(session.events().back(), "text hi");
  EXPECT_TRUE(session.queue().empty());
  session->on_drained();
  const auto frames = session.sent();
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].payload, "p9999");
}

}  // namespace
}  // namespace duplex::websocket
