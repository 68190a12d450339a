// A session from its opening to its end, in virtual time.
#include "duplex/engineio/session.h"

#include <gtest/gtest.h>

#include <string>

namespace duplex::engineio {
namespace {

using namespace std::chrono_literals;
using Step = Session::ProbeStep;

class SessionTest : public testing::Test {
 protected:
  // The open packet is taken.
  Session open(Transport transport = Transport::polling) { return open_as({}, transport); }
  std::string receive(Session& session, std::string_view text) {
    const auto packet = session.receive(*parse_packet(text), now);
    return packet ? std::string(packet->text) : "(nothing)";
  }
  Session open_as(Dialect dialect, Transport transport = Transport::polling) {
    Session session("sid", transport, options, now, dialect);
    if (transport == Transport::polling) session.take_payload();
    if (transport == Transport::websocket) session.next_message();
    return session;
  }
  Step probe(Session& session, std::string_view text) { return session.probe(*parse_packet(text)); }
  static SharedMessage text(std::string content) {
    return std::make_shared<OutMessage>(OutMessage{.content = std::move(content)});
  }
  static SharedMessage bytes(std::string content) {
    return std::make_shared<OutMessage>(
        OutMessage{.content = std::move(content), .is_bytes = true});
  }

  SessionOptions options = {
      .ping_interval = 300ms, .ping_timeout = 200ms, .upgrade_timeout = 100ms};
  Clock::time_point now = Clock::time_point(1h);
};

TEST_F(SessionTest, BeginsWithAnOpenPacket) {
  Session polled("a", Transport::polling, options, now);
  EXPECT_TRUE(polled.has_payload());
  EXPECT_EQ(polled.take_payload().content,
            R"(0{"sid":"a","upgrades":["websocket"],"pingInterval":300,"pingTimeout":200,)"
            R"("maxPayload":1000000})");
  EXPECT_FALSE(polled.has_payload());
  Session pushed("b", Transport::websocket, options, now);
  EXPECT_NE(pushed.next_message()->content.find(R"("upgrades":[])"), std::string::npos);
  EXPECT_FALSE(pushed.next_message());
}

TEST_F(SessionTest, DeliversMessagesAndKeepsTheRest) {
  Session session = open();
  EXPECT_EQ(receive(session, "4hi"), "hi");
  EXPECT_EQ(receive(session, "3"), "(nothing)");
  EXPECT_EQ(receive(session, "5"), "(nothing)");
  EXPECT_EQ(receive(session, "6"), "(nothing)");
  EXPECT_FALSE(session.is_closed());
  EXPECT_EQ(as_text(*session.receive(*parse_packet("bAQI="), now)->bytes), "\x01\x02");
}

TEST_F(SessionTest, SendsInOrderOverEitherTransport) {
  Session polled = open();
  polled.send(text("a"));
  polled.send(bytes("\x01\x02"));
  EXPECT_EQ(polled.queued_bytes(), 3U);
  EXPECT_EQ(polled.take_payload().content,
            "4a\x1e"
            "bAQI=");
  EXPECT_EQ(polled.queued_bytes(), 0U);
  Session pushed = open(Transport::websocket);
  pushed.send(text("a"));
  pushed.send(bytes("\x01"));
  EXPECT_EQ(pushed.next_message()->content, "4a");
  const auto second = pushed.next_message();
  EXPECT_TRUE(second->is_bytes);
  EXPECT_EQ(second->content, "\x01");
  EXPECT_FALSE(pushed.next_message());
}

TEST_F(SessionTest, PingsAndIsAnswered) {
  Session session = open(Transport::websocket);
  EXPECT_EQ(*session.next_deadline() - now, 300ms);
  now += 300ms;
  session.advance(now);
  EXPECT_EQ(session.next_message()->content, "2");
  EXPECT_EQ(*session.next_deadline() - now, 200ms);
  session.advance(now);
  EXPECT_FALSE(session.next_message());
  now += 199ms;
  receive(session, "3");
  EXPECT_EQ(*session.next_deadline() - now, 300ms);
}

TEST_F(SessionTest, EndsWithoutPong) {
  Session session = open();
  now += 300ms;
  session.advance(now);
  now += 200ms;
  session.advance(now);
  EXPECT_EQ(describe(session.close_reason()), "ping timeout");
  EXPECT_FALSE(session.next_deadline());
  EXPECT_EQ(session.take_payload().content, "1");
}

// Both deadlines have passed when the first timer comes.
TEST_F(SessionTest, IsNotKeptAliveByALateTimer) {
  Session session = open();
  now += 500ms;
  session.advance(now);
  EXPECT_EQ(session.close_reason(), CloseReason::ping_timeout);
}

TEST_F(SessionTest, IsNotKeptAliveByPongsThatNobodyAskedFor) {
  Session session = open();
  for (int i = 0; i < 100'000; ++i) receive(session, "3");
  EXPECT_EQ(*session.next_deadline() - now, 300ms);
  now += 100ms;
  receive(session, "3");
  EXPECT_EQ(*session.next_deadline() - now, 200ms);
}

// Who never polls cannot have had the ping.
TEST_F(SessionTest, IsNotKeptAliveByAPongToAPingThatWaits) {
  Session session = open();
  now += 300ms;
  session.advance(now);
  receive(session, "3");
  EXPECT_EQ(*session.next_deadline() - now, 200ms);
  EXPECT_EQ(session.take_payload().content, "2");
  receive(session, "3");
  EXPECT_EQ(*session.next_deadline() - now, 300ms);
}

TEST_F(SessionTest, CountsTheMemoryOfMessagesWithoutContent) {
  Session session = open();
  EXPECT_EQ(session.queued_memory(), 0U);
  for (int i = 0; i < 1000; ++i) session.send(text(""));
  EXPECT_EQ(session.queued_bytes(), 0U);
  EXPECT_GE(session.queued_memory(), 1000 * sizeof(OutMessage));
  session.take_payload();
  EXPECT_EQ(session.queued_memory(), 0U);
}

TEST_F(SessionTest, GivesWhatWasSentBeforeItWasClosed) {
  Session polled = open();
  polled.send(text("bye"));
  polled.close(CloseReason::forced_close);
  EXPECT_EQ(polled.take_payload().content, "4bye");
  EXPECT_EQ(polled.take_payload().content, "1");
  Session pushed = open(Transport::websocket);
  pushed.send(text("bye"));
  pushed.close(CloseReason::forced_close);
  EXPECT_EQ(pushed.next_message()->content, "4bye");
  EXPECT_FALSE(pushed.next_message());
}

TEST_F(SessionTest, ClosesWhenTheClientDoes) {
  Session session = open();
  session.send(text("lost"));
  EXPECT_EQ(receive(session, "1"), "(nothing)");
  EXPECT_EQ(describe(session.close_reason()), "transport close");
  EXPECT_TRUE(session.has_payload());
  EXPECT_EQ(session.take_payload().content, "6");
  EXPECT_EQ(receive(session, "4late"), "(nothing)");
  session.send(text("late"));
  EXPECT_EQ(session.queued_bytes(), 0U);
}

TEST_F(SessionTest, ClosesOnWhatOnlyAServerSends) {
  for (const char* packet : {"2", "0{}"}) {
    Session session = open();
    receive(session, packet);
    EXPECT_EQ(describe(session.close_reason()), "transport error") << packet;
    EXPECT_EQ(session.take_payload().content, "1");
  }
}

TEST_F(SessionTest, KeepsTheFirstReason) {
  Session session = open();
  session.close(CloseReason::forced_close);
  session.close(CloseReason::parse_error);
  EXPECT_EQ(describe(session.close_reason()), "forced close");
}

TEST_F(SessionTest, ChangesItsTransportInOrder) {
  Session session = open();
  session.send(text("before"));
  EXPECT_EQ(session.take_payload().content, "4before");
  EXPECT_TRUE(session.start_probe(now));
  EXPECT_FALSE(session.has_payload());
  EXPECT_EQ(probe(session, "2probe"), Step::answer);
  // The poll that is open ends, so that the client may go on.
  EXPECT_TRUE(session.has_payload());
  EXPECT_EQ(session.take_payload().content, "6");
  session.send(text("between"));
  EXPECT_FALSE(session.next_message());
  EXPECT_EQ(session.transport(), Transport::polling);
  EXPECT_EQ(probe(session, "5"), Step::upgraded);
  EXPECT_EQ(session.transport(), Transport::websocket);
  EXPECT_EQ(session.next_message()->content, "4between");
  EXPECT_FALSE(session.is_probing());
}

TEST_F(SessionTest, RefusesAnUpgradeThatIsNone) {
  Session session = open();
  EXPECT_EQ(probe(session, "2probe"), Step::refused);
  for (const char* packet : {"5", "2", "4hi"}) {
    EXPECT_TRUE(session.start_probe(now)) << packet;
    EXPECT_EQ(probe(session, packet), Step::refused) << packet;
    EXPECT_FALSE(session.is_probing()) << packet;
  }
  EXPECT_TRUE(session.start_probe(now));
  EXPECT_EQ(probe(session, "2probe"), Step::answer);
  EXPECT_EQ(probe(session, "2probe"), Step::refused);
  EXPECT_FALSE(session.is_closed());
}

TEST_F(SessionTest, WantsOneProbeAndOnlyWherePollingCanBeLeft) {
  Session session = open();
  EXPECT_TRUE(session.start_probe(now));
  EXPECT_FALSE(session.start_probe(now));
  session.drop_probe();
  EXPECT_TRUE(session.start_probe(now));
  session.close(CloseReason::forced_close);
  EXPECT_FALSE(session.start_probe(now));
  EXPECT_FALSE(open(Transport::websocket).start_probe(now));
  options.allow_upgrades = false;
  EXPECT_FALSE(open().start_probe(now));
}

TEST_F(SessionTest, P19AProbeThatIsLeftHangingIsDropped) {
  for (const bool answered : {false, true}) {
    Session session = open();
    session.start_probe(now);
    if (answered) probe(session, "2probe");
    EXPECT_EQ(*session.next_deadline() - now, 100ms);
    now += 100ms;
    session.advance(now);
    EXPECT_FALSE(session.is_probing());
    EXPECT_FALSE(session.has_payload());
    EXPECT_EQ(probe(session, "5"), Step::refused);
    EXPECT_FALSE(session.is_closed());
    EXPECT_EQ(*session.next_deadline() - now, 200ms);
  }
}

// --- Revision 3 ----------------------------------------------------------------------------------

constexpr Dialect three = {.revision = Revision::three};

TEST_F(SessionTest, OfRevision3CountsItsPackets) {
  Session session("a", Transport::polling, options, now, three);
  const std::string handshake =
      R"(0{"sid":"a","upgrades":["websocket"],"pingInterval":300,"pingTimeout":200,)"
      R"("maxPayload":1000000})";
  EXPECT_EQ(session.take_payload().content, std::to_string(handshake.size()) + ":" + handshake);
  session.send(text("a"));
  session.send(text("ä"));
  const OutMessage texts = session.take_payload();
  EXPECT_EQ(texts.content, "2:4a2:4ä");
  EXPECT_FALSE(texts.is_bytes);
  EXPECT_EQ(session.noop_payload().content, "1:6");
  session.close(CloseReason::forced_close);
  EXPECT_EQ(session.take_payload().content, "1:1");
}

TEST_F(SessionTest, OfRevision3SendsBytesAsItsClientWantsThem) {
  Session any = open_as(three);
  any.send(text("a"));
  any.send(bytes("\x01\x02"));
  const OutMessage payload = any.take_payload();
  EXPECT_TRUE(payload.is_bytes);
  EXPECT_EQ(payload.content, std::string("\x00\x02\xff"
                                         "4a\x01\x03\xff\x04\x01\x02",
                                         11));
  Session only_text = open_as({.revision = Revision::three, .only_text = true});
  only_text.send(bytes("\x01\x02"));
  EXPECT_EQ(only_text.take_payload().content, "6:b4AQI=");
  Session pushed = open_as(three, Transport::websocket);
  pushed.send(bytes("\x01\x02"));
  const auto message = pushed.next_message();
  EXPECT_TRUE(message->is_bytes);
  EXPECT_EQ(message->content, "\x04\x01\x02");
  Session texts = open_as({.revision = Revision::three, .only_text = true}, Transport::websocket);
  texts.send(bytes("\x01\x02"));
  EXPECT_EQ(texts.next_message()->content, "b4AQI=");
}

TEST_F(SessionTest, SendsBytesAsTextToWhoWantsThatInRevision4) {
  Session session = open_as({.only_text = true}, Transport::websocket);
  session.send(bytes("\x01\x02"));
  const auto message = session.next_message();
  EXPECT_FALSE(message->is_bytes);
  EXPECT_EQ(message->content, "bAQI=");
}

TEST_F(SessionTest, OfRevision3IsPinged) {
  Session session = open_as(three, Transport::websocket);
  EXPECT_EQ(*session.next_deadline() - now, 500ms);
  now += 499ms;
  session.advance(now);
  EXPECT_FALSE(session.next_message());
  EXPECT_EQ(receive(session, "2"), "(nothing)");
  EXPECT_EQ(session.next_message()->content, "3");
  EXPECT_EQ(*session.next_deadline() - now, 500ms);
  receive(session, "2x");
  EXPECT_EQ(session.next_message()->content, "3x");
  receive(session, "4messages keep nobody alive");
  now += 500ms;
  session.advance(now);
  EXPECT_EQ(session.close_reason(), CloseReason::ping_timeout);
}

TEST_F(SessionTest, OfRevision3GetsNoPongs) {
  Session session = open_as(three);
  receive(session, "3");
  EXPECT_EQ(session.close_reason(), CloseReason::transport_error);
}

}  // namespace
}  // namespace duplex::engineio
