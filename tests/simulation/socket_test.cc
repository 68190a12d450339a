// Streams as an application sees them: flow control, ends, resets, time-outs.
#include "simulation/socket.h"

#include <gtest/gtest.h>

#include "connected.h"

namespace duplex::simulation {
namespace {

using namespace std::chrono_literals;
using plug::events_of;
using plug::receive;
using plug::send;

std::string payload(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i % 26);
  return text;
}

// --- Flow control

TEST(Socket, BytesArriveInOrderThroughTinyBuffers) {
  Connected c({.link = {.delay = 1ms}, .send_buffer = 100, .receive_buffer = 70});
  const std::string all = payload(10'000);
  std::string got;
  std::size_t sent = 0;
  while (got.size() < all.size()) {
    const auto taken = send(c.kernel, c.here, std::string_view(all).substr(sent));
    if (taken > 0) sent += static_cast<std::size_t>(taken);
    const std::string piece = receive(c.kernel, c.there, 33);
    if (piece != "EAGAIN") got += piece;
    c.world.advance();
  }
  EXPECT_EQ(got, all);
}

TEST(Socket, WriteStopsAtTheBuffersAndGoesOnWhenThePeerReads) {
  Connected c({.send_buffer = 100, .receive_buffer = 50});
  EXPECT_EQ(send(c.kernel, c.here, payload(1000)), 100);
  EXPECT_EQ(send(c.kernel, c.here, payload(1000)), 50);  // 50 are in the peer's buffer by now
  EXPECT_EQ(send(c.kernel, c.here, "x"), -EAGAIN);
  EXPECT_EQ(events_of(c.kernel, c.here), "-");
  EXPECT_EQ(receive(c.kernel, c.there).size(), 50U);
  EXPECT_EQ(events_of(c.kernel, c.here), "OUT");
  EXPECT_EQ(receive(c.kernel, c.there).size(), 50U);
  EXPECT_EQ(receive(c.kernel, c.there).size(), 50U);
  EXPECT_EQ(receive(c.kernel, c.there), "EAGAIN");
}

TEST(Socket, FullBufferIsWritableOnlyWhenAThirdIsFree) {
  Connected c({.send_buffer = 90, .receive_buffer = 30});
  send(c.kernel, c.here, payload(90));
  EXPECT_EQ(send(c.kernel, c.here, payload(90)), 30);
  EXPECT_EQ(receive(c.kernel, c.there, 20).size(), 20U);  // 20 of 90 are free
  EXPECT_EQ(events_of(c.kernel, c.here), "-");
  EXPECT_EQ(receive(c.kernel, c.there, 20).size(), 20U);
  EXPECT_EQ(events_of(c.kernel, c.here), "OUT");
}

TEST(Socket, UnixDomainIsBoundedByTheSendersBufferAlone) {
  Connected c({.send_buffer = 100, .receive_buffer = 50}, *net::Address::unix_path("@here"));
  EXPECT_EQ(send(c.kernel, c.here, payload(1000)), 100);
  EXPECT_EQ(send(c.kernel, c.here, "x"), -EAGAIN);
  EXPECT_EQ(receive(c.kernel, c.there, 30).size(), 30U);
  EXPECT_EQ(send(c.kernel, c.here, payload(1000)), 30);
}

TEST(Socket, LowWaterMarkLimitsWhatIsNotSentYet) {
  Connected c({.send_buffer = 1000, .receive_buffer = 100});
  c.kernel.set_option(c.here, net::SocketOption::not_sent_low_water, 50);
  EXPECT_EQ(send(c.kernel, c.here, payload(200)), 200);  // one write may exceed it
  EXPECT_EQ(send(c.kernel, c.here, "x"), -EAGAIN);
  EXPECT_EQ(events_of(c.kernel, c.here), "-");
  receive(c.kernel, c.there);
  EXPECT_EQ(events_of(c.kernel, c.here), "OUT");
}

TEST(Socket, GatheredPiecesAreWrittenInOrderUpTo1024) {
  Connected c;
  const std::vector<Bytes> pieces(1500, as_bytes("ab"));
  EXPECT_EQ(c.kernel.writev(c.here, pieces), 2048);
  EXPECT_EQ(receive(c.kernel, c.there).size(), 2048U);
}

TEST(Socket, WriteOfNothingIsNothing) {
  Connected c;
  EXPECT_EQ(send(c.kernel, c.here, ""), 0);
  EXPECT_EQ(receive(c.kernel, c.there), "EAGAIN");
  EXPECT_EQ(c.kernel.recv(c.there, {}), 0);
}

TEST(Socket, NagleHoldsTheShortTailUntilTheAcknowledgement) {
  Connected c({.link = {.delay = 5ms}});
  c.kernel.set_option(c.here, net::SocketOption::no_delay, 0);
  send(c.kernel, c.here, "a");
  send(c.kernel, c.here, "b");
  send(c.kernel, c.here, "c");
  c.world.advance_by(5ms);
  EXPECT_EQ(receive(c.kernel, c.there), "a");
  c.world.advance_by(10ms);
  EXPECT_EQ(receive(c.kernel, c.there), "bc");
}

TEST(Socket, SettingNoDelayReleasesTheTail) {
  Connected c({.link = {.delay = 5ms}});
  c.kernel.set_option(c.here, net::SocketOption::no_delay, 0);
  send(c.kernel, c.here, "a");
  send(c.kernel, c.here, "b");
  c.kernel.set_option(c.here, net::SocketOption::no_delay, 1);
  c.world.advance_by(5ms);
  EXPECT_EQ(receive(c.kernel, c.there), "ab");
}

// --- The end

TEST(Socket, FinComesBehindTheLastByte) {
  Connected c({.link = {.delay = 1ms, .bytes_per_second = 1000}, .receive_buffer = 10});
  send(c.kernel, c.here, payload(25));
  c.kernel.close(c.here);
  EXPECT_EQ(c.world.orphan_count(), 1U);
  std::string got;
  for (std::string piece; piece != "end";) {
    piece = receive(c.kernel, c.there);
    if (piece == "EAGAIN") {
      ASSERT_TRUE(c.world.advance());
    } else if (piece != "end") {
      got += piece;
    }
  }
  EXPECT_EQ(got, payload(25));
  c.kernel.close(c.there);
  c.world.advance_by(1s);
  EXPECT_EQ(c.world.orphan_count(), 0U);
  EXPECT_FALSE(c.world.next_event());
}

TEST(Socket, HalfClosedConnectionStillCarriesTheOtherWay) {
  Connected c;
  send(c.kernel, c.here, "request");
  c.kernel.shutdown_write(c.here);
  EXPECT_EQ(receive(c.kernel, c.there), "request");
  EXPECT_EQ(receive(c.kernel, c.there), "end");
  send(c.kernel, c.there, "answer");
  c.kernel.close(c.there);
  EXPECT_EQ(receive(c.kernel, c.here), "answer");
  EXPECT_EQ(receive(c.kernel, c.here), "end");
}

TEST(Socket, CloseWithUnreadInputLosesWhatWasNotSent) {
  Connected c({.receive_buffer = 10});
  send(c.kernel, c.there, "unread");
  send(c.kernel, c.here, payload(25));
  c.kernel.close(c.here);
  EXPECT_EQ(receive(c.kernel, c.there), payload(10));
  EXPECT_EQ(receive(c.kernel, c.there), "ECONNRESET");
}

TEST(Socket, DataForAClosedSocketKillsWhatItStillHadToSend) {
  Connected c({.link = {.delay = 1ms}, .receive_buffer = 10});
  send(c.kernel, c.here, payload(25));
  c.kernel.close(c.here);
  send(c.kernel, c.there, "too late");
  c.world.advance_by(10ms);
  EXPECT_EQ(receive(c.kernel, c.there), payload(10));
  EXPECT_EQ(receive(c.kernel, c.there), "ECONNRESET");
  EXPECT_EQ(c.world.orphan_count(), 0U);
}

TEST(Socket, ClosedSideForgetsAPeerThatNeverEndsAfterAMinute) {
  Connected c;
  c.kernel.close(c.here);
  c.world.advance_by(59s);
  EXPECT_EQ(c.world.orphan_count(), 1U);
  c.world.advance_by(1s);
  EXPECT_EQ(c.world.orphan_count(), 0U);
  EXPECT_EQ(send(c.kernel, c.there, "x"), 1);
  EXPECT_EQ(events_of(c.kernel, c.there), "IN OUT ERR HUP RDHUP");
}

TEST(Socket, R38VanishedPeerIsNoticedOnlyWhenWritingToIt) {
  Connected c;
  c.kernel.vanish(c.here);
  EXPECT_EQ(events_of(c.kernel, c.there), "OUT");
  EXPECT_EQ(receive(c.kernel, c.there), "EAGAIN");
  EXPECT_EQ(send(c.kernel, c.there, "x"), 1);
  EXPECT_EQ(send(c.kernel, c.there, "x"), -ECONNRESET);
  EXPECT_EQ(send(c.kernel, c.there, "x"), -EPIPE);
}

TEST(Socket, ResetOfAConnectionReachesBothEndsAtOnce) {
  Connected c({.link = {.delay = 10s}});
  c.kernel.reset_connection(c.here);
  EXPECT_EQ(receive(c.kernel, c.here), "ECONNRESET");
  EXPECT_EQ(receive(c.kernel, c.there), "ECONNRESET");
}

TEST(Socket, EndOfAProcessClosesItsConnections) {
  World world;
  Kernel server(world);
  net::Address address = plug::loopback();
  const int listener = plug::listen(server, address);
  {
    Kernel client(world);
    const int fd = client.socket(address.family());
    client.connect(fd, address);
    client.eventfd();
    world.settle();
  }
  const int fd = server.accept(listener, nullptr);
  EXPECT_EQ(receive(server, fd), "end");
}

// --- Time-outs

TEST(Socket, R36UserTimeoutBreaksAConnectionThatIsNotAcknowledged) {
  Connected c;
  c.kernel.set_option(c.here, net::SocketOption::user_timeout, 2000);
  c.kernel.link(c.here)->block();
  send(c.kernel, c.here, "x");
  c.world.advance_by(2s - 1ns);
  EXPECT_EQ(events_of(c.kernel, c.here), "OUT");
  c.world.advance_by(1ns);
  EXPECT_EQ(events_of(c.kernel, c.here), "IN OUT ERR HUP RDHUP");
  EXPECT_EQ(c.kernel.socket_error(c.here), ETIMEDOUT);
}

TEST(Socket, UserTimeoutCountsFromTheLastProgress) {
  Connected c({.receive_buffer = 10});
  c.kernel.set_option(c.here, net::SocketOption::user_timeout, 2000);
  send(c.kernel, c.here, payload(15));
  c.world.advance_by(1500ms);
  receive(c.kernel, c.there);
  send(c.kernel, c.here, payload(15));
  c.world.advance_by(1900ms);
  EXPECT_EQ(events_of(c.kernel, c.here), "OUT");
  c.world.advance_by(100ms);
  EXPECT_EQ(c.kernel.socket_error(c.here), ETIMEDOUT);  // the closed window counts, too
}

TEST(Socket, WithoutUserTimeoutAQuarterOfAnHourPasses) {
  Connected c;
  c.kernel.link(c.here)->block();
  send(c.kernel, c.here, "x");
  c.world.advance_by(900s);
  EXPECT_EQ(events_of(c.kernel, c.here), "OUT");
  c.world.advance_by(30s);
  EXPECT_EQ(receive(c.kernel, c.here), "ETIMEDOUT");
}

TEST(Socket, WithoutUserTimeoutAClosedWindowLastsForEver) {
  Connected c({.receive_buffer = 10});
  send(c.kernel, c.here, payload(15));
  c.world.advance_by(24h);
  EXPECT_EQ(events_of(c.kernel, c.here), "OUT");
  receive(c.kernel, c.there);
  EXPECT_EQ(receive(c.kernel, c.there), payload(15).substr(10));
}

// --- Keep-alive

void keep_alive(Connected& c) {
  c.kernel.set_option(c.here, net::SocketOption::keep_alive_idle, 60);
  c.kernel.set_option(c.here, net::SocketOption::keep_alive_interval, 15);
  c.kernel.set_option(c.here, net::SocketOption::keep_alive_count, 4);
  c.kernel.set_option(c.here, net::SocketOption::keep_alive, 1);
}

TEST(Socket, KeepAliveBreaksAConnectionWhosePeerIsSilent) {
  Connected c;
  keep_alive(c);
  c.world.advance_by(1h);
  EXPECT_EQ(events_of(c.kernel, c.here), "OUT") << "the peer answers";
  send(c.kernel, c.there, "x");
  c.world.advance_by(1s);
  receive(c.kernel, c.here);
  c.kernel.link(c.here)->block();
  c.world.advance_by(60s + 4 * 15s - 2s);
  EXPECT_EQ(events_of(c.kernel, c.here), "OUT");
  c.world.advance_by(15s);
  EXPECT_EQ(receive(c.kernel, c.here), "ETIMEDOUT");
}

TEST(Socket, UserTimeoutTakesThePlaceOfTheCountOfProbes) {
  Connected c;
  keep_alive(c);
  c.kernel.set_option(c.here, net::SocketOption::user_timeout, 20'000);
  c.kernel.link(c.here)->block();
  c.world.advance_by(75s - 1ns);
  EXPECT_EQ(events_of(c.kernel, c.here), "OUT");
  c.world.advance_by(1ns);
  EXPECT_EQ(receive(c.kernel, c.here), "ETIMEDOUT");
}

TEST(Socket, KeepAliveFindsAPeerThatHasForgotten) {
  Connected c;
  keep_alive(c);
  c.kernel.vanish(c.there);
  c.world.advance_by(60s);
  EXPECT_EQ(receive(c.kernel, c.here), "ECONNRESET");
}

}  // namespace
}  // namespace duplex::simulation
