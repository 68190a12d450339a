// A client's session from its opening to its end, in virtual time.
#include "duplex/engineio/client_session.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace duplex::engineio {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view opening =
    R"(0{"sid":"s","upgrades":["websocket"],"pingInterval":300,"pingTimeout":200,"maxPayload":10})";

class ClientSessionTest : public testing::Test {
 protected:
  ClientSession open(Transport transport = Transport::polling) {
    ClientSession session(transport, options, now);
    if (transport == Transport::polling) session.begin_poll();
    receive(session, opening);
    if (transport == Transport::polling) session.end_poll();
    return session;
  }
  std::string receive(ClientSession& session, std::string_view text) {
    const auto packet = session.receive(*parse_packet(text), now);
    return packet ? std::string(packet->text) : "(nothing)";
  }
  std::string reason(const ClientSession& session) {
    return std::string(describe(session.close_reason())) + ": " + session.close_detail();
  }
  // With the probe begun and answered, one GET open.
  ClientSession pausing() {
    ClientSession session = open();
    session.begin_poll();
    session.begin_probe(now);
    session.on_probe_answer(*parse_packet("3probe"));
    return session;
  }

  ClientSessionOptions options = {
      .open_timeout = 50ms, .upgrade_timeout = 100ms, .close_timeout = 70ms};
  Clock::time_point now = Clock::time_point(1h);
};

TEST_F(ClientSessionTest, PollsUntilItIsOpenAndOn) {
  ClientSession session(Transport::polling, options, now);
  EXPECT_TRUE(session.wants_poll());
  EXPECT_FALSE(session.wants_probe());
  session.begin_poll();
  EXPECT_FALSE(session.wants_poll());
  receive(session, opening);
  EXPECT_TRUE(session.is_open());
  EXPECT_EQ(session.handshake().sid, "s");
  EXPECT_FALSE(session.wants_poll());
  session.end_poll();
  EXPECT_TRUE(session.wants_poll());
  EXPECT_EQ(receive(session, "4a"), "a");
}

TEST_F(ClientSessionTest, SendsNothingBeforeItIsOpen) {
  ClientSession session(Transport::polling, options, now);
  session.send({.content = "lost"});
  receive(session, opening);
  EXPECT_FALSE(session.wants_post());
  session.send({.content = "a"});
  EXPECT_TRUE(session.wants_post());
  EXPECT_EQ(session.begin_post(), "4a");
  EXPECT_FALSE(session.wants_post());
  session.send({.content = "b"});
  EXPECT_FALSE(session.wants_post());
  session.end_post();
  EXPECT_EQ(session.begin_post(), "4b");
}

TEST_F(ClientSessionTest, PostsNoMoreThanTheServerTakes) {
  ClientSession session = open();
  for (const char* const text : {"123", "456", "7", "too long for any"}) session.send({text});
  session.send({.content = "\x01\x02", .is_bytes = true});
  EXPECT_EQ(session.queued_bytes(), 3 + 3 + 1 + 16 + 2U);
  EXPECT_EQ(session.begin_post(),
            "4123\x1e"
            "4456");
  EXPECT_EQ(session.begin_post(), "47");
  EXPECT_EQ(session.begin_post(), "4too long for any");
  EXPECT_EQ(session.begin_post(), "bAQI=");
  EXPECT_EQ(session.queued_bytes(), 0U);
}

TEST_F(ClientSessionTest, PostsNoMorePacketsThanAnyServerTakes) {
  ClientSession session(Transport::polling, options, now);
  receive(session, R"(0{"sid":"s","upgrades":[],"pingInterval":1,"pingTimeout":2})");
  for (int i = 0; i < 17; ++i) session.send({.content = "x"});
  EXPECT_EQ(session.begin_post().size(), 16 * 3 - 1U);
  EXPECT_EQ(session.begin_post(), "4x");
}

TEST_F(ClientSessionTest, AnswersPingsAndMissesThem) {
  ClientSession session = open();
  EXPECT_EQ(*session.next_deadline(), now + 500ms);
  now += 400ms;
  receive(session, "2");
  EXPECT_EQ(session.begin_post(), "3");
  EXPECT_EQ(*session.next_deadline(), now + 500ms);
  session.advance(now + 499ms);
  EXPECT_TRUE(session.is_open());
  session.advance(now + 500ms);
  EXPECT_EQ(reason(session), "ping timeout: no ping for 500 ms");
  EXPECT_FALSE(session.next_deadline());
}

TEST_F(ClientSessionTest, HoldsOutHoweverLongTheServerPauses) {
  ClientSession session(Transport::polling, options, now);
  receive(session, R"(0{"sid":"s","upgrades":[],"pingInterval":9223372036854775807,)"
                   R"("pingTimeout":9223372036854775807})");
  EXPECT_EQ(*session.next_deadline(), now + 48h);
}

TEST_F(ClientSessionTest, ClosesOnWhatNoServerSends) {
  const auto after = [this](std::string_view first, std::string_view second = {}) {
    ClientSession session(Transport::websocket, options, now);
    receive(session, first);
    if (!second.empty()) receive(session, second);
    return reason(session);
  };
  EXPECT_EQ(after("4early"), "parse error: the first packet is message, not open");
  EXPECT_EQ(after("0{}"), "parse error: the open packet has no sid");
  EXPECT_EQ(after(opening, opening), "parse error: a second open packet");
  EXPECT_EQ(after(opening, "1"), "transport close: the server closed the session");
  for (const char* const packet : {"3", "5", "6"}) EXPECT_EQ(after(opening, packet), ": ");
}

TEST_F(ClientSessionTest, WaitsForeverForWhatMayTakeForever) {
  options.open_timeout = std::chrono::milliseconds::max();
  const ClientSession session(Transport::polling, options, now);
  EXPECT_GT(session.next_deadline().value(), now + 1000h);
}

TEST_F(ClientSessionTest, GivesUpWhatDoesNotOpen) {
  ClientSession session(Transport::polling, options, now);
  session.advance(now + 49ms);
  EXPECT_FALSE(session.is_closed());
  session.advance(now + 50ms);
  EXPECT_EQ(reason(session), "transport error: not open after 50 ms");
  EXPECT_FALSE(session.wants_poll());
}

TEST_F(ClientSessionTest, ChangesWhenNothingIsUnderWay) {
  ClientSession session = open();
  session.begin_poll();
  session.send({.content = "posted"});
  session.begin_post();
  EXPECT_TRUE(session.wants_probe());
  session.begin_probe(now);
  EXPECT_FALSE(session.wants_probe());
  EXPECT_FALSE(session.try_upgrade());
  session.on_probe_answer(*parse_packet("3probe"));
  session.send({.content = "waits"});
  EXPECT_FALSE(session.try_upgrade());
  session.end_post();
  EXPECT_FALSE(session.wants_post());
  EXPECT_FALSE(session.try_upgrade());
  session.end_poll();
  EXPECT_FALSE(session.wants_poll());
  EXPECT_FALSE(session.next_message());
  EXPECT_TRUE(session.try_upgrade());
  EXPECT_FALSE(session.try_upgrade());
  EXPECT_EQ(session.next_message()->content, "5");
  EXPECT_EQ(session.next_message()->content, "4waits");
  EXPECT_FALSE(session.next_message());
  EXPECT_FALSE(session.wants_poll());
  EXPECT_FALSE(session.wants_post());
}

TEST_F(ClientSessionTest, PollsOnAfterAProbeThatFails) {
  for (const char* const answer : {"3", "4early", "6"}) {
    ClientSession session = open();
    session.begin_probe(now);
    session.on_probe_answer(*parse_packet(answer));
    EXPECT_FALSE(session.is_probing()) << answer;
    EXPECT_TRUE(session.wants_poll());
    EXPECT_FALSE(session.wants_probe());
  }
  ClientSession twice = pausing();
  twice.on_probe_answer(*parse_packet("3probe"));
  EXPECT_FALSE(twice.is_probing());
  ClientSession late = pausing();
  late.send({.content = "a"});
  late.advance(now + 100ms);
  EXPECT_FALSE(late.is_probing());
  late.end_poll();
  EXPECT_FALSE(late.try_upgrade());
  EXPECT_TRUE(late.wants_poll());
  EXPECT_TRUE(late.wants_post());
}

TEST_F(ClientSessionTest, ProbesOnlyWhereBothWantIt) {
  ClientSession unasked(Transport::polling, options, now);
  receive(unasked, R"(0{"sid":"s","upgrades":[]})");
  EXPECT_FALSE(unasked.wants_probe());
  options.may_upgrade = false;
  EXPECT_FALSE(open().wants_probe());
  options.may_upgrade = true;
  EXPECT_FALSE(open(Transport::websocket).wants_probe());
}

TEST_F(ClientSessionTest, FinishesWhatIsQueued) {
  ClientSession session = pausing();
  session.send({.content = "a"});
  session.finish(now);
  session.send({.content = "b"});
  EXPECT_EQ(receive(session, "4c"), "(nothing)");
  EXPECT_FALSE(session.wants_poll());
  EXPECT_TRUE(session.wants_post());
  EXPECT_EQ(session.begin_post(),
            "4a\x1e"
            "1");
  EXPECT_FALSE(session.is_closed());
  session.end_post();
  EXPECT_EQ(reason(session), "forced close: ");
}

TEST_F(ClientSessionTest, DoesNotFinishForEver) {
  ClientSession session = open();
  session.finish(now);
  EXPECT_EQ(*session.next_deadline(), now + 70ms);
  session.advance(now + 70ms);
  EXPECT_EQ(reason(session), "forced close: ");
  ClientSession unopened(Transport::polling, options, now);
  unopened.finish(now);
  EXPECT_TRUE(unopened.is_closed());
  ClientSession lost = open();
  lost.finish(now);
  lost.close(CloseReason::transport_error, "POST: lost");
  EXPECT_EQ(reason(lost), "forced close: POST: lost");
}

// The server may have opened a session already.
TEST_F(ClientSessionTest, WaitsForTheSessionThatItLeaves) {
  ClientSession session(Transport::polling, options, now);
  session.begin_poll();
  session.finish(now);
  EXPECT_FALSE(session.is_closed());
  EXPECT_FALSE(session.is_open());
  EXPECT_TRUE(session.is_finishing());
  session.send({.content = "a"});
  EXPECT_EQ(receive(session, opening), "(nothing)");
  session.end_poll();
  EXPECT_EQ(receive(session, "4b"), "(nothing)");
  EXPECT_FALSE(session.wants_poll());
  EXPECT_FALSE(session.wants_probe());
  ASSERT_TRUE(session.wants_post());
  EXPECT_EQ(session.begin_post(), "1");
  session.end_post();
  EXPECT_EQ(reason(session), "forced close: ");
}

TEST_F(ClientSessionTest, DoesNotWaitForEverForTheSessionThatItLeaves) {
  for (const auto timeout : {40ms, 60ms}) {
    options.close_timeout = timeout;
    ClientSession session(Transport::polling, options, now);
    session.begin_poll();
    session.finish(now);
    const auto due = std::min<Clock::duration>(timeout, options.open_timeout);
    EXPECT_EQ(*session.next_deadline(), now + due);
    session.advance(now + due);
    EXPECT_TRUE(session.is_closed());
    EXPECT_EQ(session.close_reason(), CloseReason::forced_close);
  }
  ClientSession refused(Transport::polling, options, now);
  refused.begin_poll();
  refused.finish(now);
  receive(refused, "4a");
  EXPECT_EQ(reason(refused), "forced close: the first packet is message, not open");
}

TEST_F(ClientSessionTest, SendsTextAndBytesOverWebSocket) {
  ClientSession session = open(Transport::websocket);
  session.send({.content = "a"});
  session.send({.content = "\x04", .is_bytes = true});
  EXPECT_EQ(session.next_message()->content, "4a");
  const auto bytes = session.next_message();
  EXPECT_TRUE(bytes->is_bytes);
  EXPECT_EQ(bytes->content, "\x04");
  EXPECT_FALSE(session.wants_poll());
}

TEST_F(ClientSessionTest, HoldsNoMoreThanItMay) {
  options.max_queued_bytes = 1000;
  ClientSession session = open();
  session.send({.content = std::string(940, 'a')});
  EXPECT_TRUE(session.is_open());
  session.send({.content = "5"});
  EXPECT_EQ(reason(session), "transport error: more than 1000 bytes wait to be sent");
  EXPECT_EQ(session.queued_bytes(), 0U);
}

// Of a server that takes nothing, and whose pings say nothing.
TEST_F(ClientSessionTest, HoldsNoMoreAnswersToPingsThanItMay) {
  options.max_queued_bytes = 1000;
  ClientSession session = open();
  for (int i = 0; i < 100 && session.is_open(); ++i) {
    receive(session, "2");
  }
  EXPECT_EQ(reason(session), "transport error: more than 1000 bytes wait to be sent");
}

}  // namespace
}  // namespace duplex::engineio
