// How connections begin: handshake times, backlog, refusals, addresses.
#include <gtest/gtest.h>

#include "connected.h"
#include "duplex/net/linux_kernel.h"

namespace duplex::simulation {
namespace {

using namespace std::chrono_literals;
using plug::events_of;
using plug::receive;
using plug::send;

struct Opening : testing::Test {
  int connect() {
    const int fd = kernel.socket(address.family());
    last_result = kernel.connect(fd, address);
    return fd;
  }
  std::string name(int fd, bool peer) {
    net::Address result;
    if (peer) {
      EXPECT_EQ(kernel.peer_address(fd, result), 0);
    } else {
      EXPECT_EQ(kernel.local_address(fd, result), 0);
    }
    return result.text();
  }

  World world;
  Kernel kernel{world};
  net::Address address = plug::loopback(80);
  int last_result = 0;
};

TEST_F(Opening, TakesOneRoundTripAtTheClientAndAnotherHalfAtTheServer) {
  world.set_link({.delay = 5ms});
  const int listener = plug::listen(kernel, address);
  const int fd = connect();
  EXPECT_EQ(last_result, -EINPROGRESS);
  EXPECT_EQ(events_of(kernel, fd), "-");
  EXPECT_EQ(send(kernel, fd, "x"), -EAGAIN);
  EXPECT_EQ(receive(kernel, fd), "EAGAIN");
  EXPECT_EQ(kernel.connect(fd, address), -EALREADY);
  world.advance_by(10ms - 1ns);
  EXPECT_EQ(events_of(kernel, fd), "-");
  world.advance_by(1ns);
  EXPECT_EQ(events_of(kernel, fd), "OUT");
  EXPECT_EQ(kernel.socket_error(fd), 0);
  EXPECT_EQ(kernel.connect(fd, address), -EISCONN);
  world.advance_by(5ms - 1ns);
  EXPECT_EQ(kernel.accept(listener, nullptr), -EAGAIN);
  EXPECT_EQ(events_of(kernel, listener), "-");
  world.advance_by(1ns);
  EXPECT_EQ(events_of(kernel, listener), "IN");
  EXPECT_GE(kernel.accept(listener, nullptr), 0);
}

TEST_F(Opening, BothEndsKnowBothAddresses) {
  const int listener = plug::listen(kernel, address);
  const int fd = connect();
  net::Address from;
  const int accepted = kernel.accept(listener, &from);
  EXPECT_EQ(name(fd, true), "127.0.0.1:80");
  EXPECT_EQ(name(accepted, false), "127.0.0.1:80");
  EXPECT_EQ(name(fd, false), "127.0.0.1:32768");
  EXPECT_EQ(name(accepted, true), "127.0.0.1:32768");
  EXPECT_EQ(from.text(), "127.0.0.1:32768");
}

TEST_F(Opening, WildcardListenerTakesEveryAddress) {
  address = *net::Address::parse("0.0.0.0", 80);
  const int listener = plug::listen(kernel, address);
  const int fd = connect();  // to 0.0.0.0 means to oneself
  EXPECT_EQ(name(fd, true), "127.0.0.1:80");
  address = *net::Address::parse("127.1.2.3", 80);
  connect();
  EXPECT_GE(kernel.accept(listener, nullptr), 0);
  EXPECT_GE(kernel.accept(listener, nullptr), 0);
}

TEST_F(Opening, Ipv6WildcardTakesIpv4UnlessToldNot) {
  address = *net::Address::parse("::", 80);
  const int listener = plug::listen(kernel, address);
  const int six = connect();
  EXPECT_EQ(name(six, true), "[::1]:80");
  address = plug::loopback(80);
  EXPECT_EQ(events_of(kernel, connect()), "OUT");
  kernel.close(listener);
  address = *net::Address::parse("::", 81);
  const int only = kernel.socket(address.family());
  kernel.set_option(only, net::SocketOption::ipv6_only, 1);
  kernel.bind(only, address);
  kernel.listen(only, 1);
  address = plug::loopback(81);
  EXPECT_EQ(events_of(kernel, connect()), "IN OUT ERR HUP RDHUP");
}

TEST_F(Opening, ExactAddressIsPreferredToTheWildcard) {
  net::Address any = *net::Address::parse("0.0.0.0", 80);
  const int wild = kernel.socket(address.family());
  const int exact = kernel.socket(address.family());
  for (const int fd : {wild, exact}) kernel.set_option(fd, net::SocketOption::reuse_port, 1);
  kernel.bind(wild, any);
  kernel.listen(wild, 1);
  EXPECT_EQ(kernel.bind(exact, address), 0);
  kernel.listen(exact, 1);
  connect();
  EXPECT_EQ(kernel.accept(wild, nullptr), -EAGAIN);
  EXPECT_GE(kernel.accept(exact, nullptr), 0);
}

TEST_F(Opening, ListenersThatShareAPortTakeTurns) {
  std::vector<int> listeners;
  for (int i = 0; i < 2; ++i) {
    const int fd = kernel.socket(address.family());
    kernel.set_option(fd, net::SocketOption::reuse_port, 1);
    EXPECT_EQ(kernel.bind(fd, address), 0);
    kernel.listen(fd, 10);
    listeners.push_back(fd);
  }
  for (int i = 0; i < 4; ++i) connect();
  for (const int fd : listeners) {
    EXPECT_GE(kernel.accept(fd, nullptr), 0);
    EXPECT_GE(kernel.accept(fd, nullptr), 0);
    EXPECT_EQ(kernel.accept(fd, nullptr), -EAGAIN);
  }
}

TEST_F(Opening, AddressInUseIsRefused) {
  const int listener = plug::listen(kernel, address);
  const int other = kernel.socket(address.family());
  EXPECT_EQ(kernel.bind(other, address), -EADDRINUSE);
  EXPECT_EQ(kernel.bind(other, *net::Address::parse("0.0.0.0", 80)), -EADDRINUSE);
  EXPECT_EQ(kernel.bind(other, *net::Address::parse("127.0.0.2", 80)), 0);
  EXPECT_EQ(kernel.bind(other, *net::Address::parse("127.0.0.2", 81)), -EINVAL);
  kernel.close(listener);
  EXPECT_GE(plug::listen(kernel, address), 0);
}

TEST_F(Opening, ReusedAddressesMayBeBoundTogetherWhileNobodyListens) {
  const int first = kernel.socket(address.family());
  const int second = kernel.socket(address.family());
  for (const int fd : {first, second}) {
    kernel.set_option(fd, net::SocketOption::reuse_address, 1);
    EXPECT_EQ(kernel.bind(fd, address), 0);
  }
  kernel.listen(first, 1);
  const int third = kernel.socket(address.family());
  kernel.set_option(third, net::SocketOption::reuse_address, 1);
  EXPECT_EQ(kernel.bind(third, address), -EADDRINUSE);
}

TEST_F(Opening, WrongUseIsRefused) {
  const int fd = kernel.socket(net::AddressFamily::ipv4);
  EXPECT_EQ(kernel.socket(net::AddressFamily::unspecified), -EAFNOSUPPORT);
  EXPECT_EQ(kernel.bind(fd, *net::Address::parse("::1", 1)), -EAFNOSUPPORT);
  EXPECT_EQ(kernel.connect(fd, *net::Address::parse("::1", 1)), -EAFNOSUPPORT);
  EXPECT_EQ(kernel.accept(fd, nullptr), -EINVAL);
  EXPECT_EQ(kernel.listen(fd, 1), 0);  // on a port of the system's choice
  EXPECT_EQ(kernel.listen(fd, 2), 0);
  EXPECT_EQ(kernel.connect(fd, address), -EISCONN);
  EXPECT_EQ(receive(kernel, fd), "ENOTCONN");
  EXPECT_EQ(send(kernel, fd, "x"), -EPIPE);
  EXPECT_EQ(kernel.shutdown_write(fd), 0);
  EXPECT_EQ(kernel.set_option(fd, net::SocketOption::ipv6_only, 1), -ENOPROTOOPT);
}

TEST_F(Opening, FailedConnectTellsItsErrorOnce) {
  const int fd = connect();
  world.settle();
  EXPECT_EQ(kernel.connect(fd, address), -ECONNREFUSED);
  EXPECT_EQ(kernel.connect(fd, address), -ECONNABORTED);
  EXPECT_EQ(kernel.listen(fd, 1), -EINVAL);
}

TEST_F(Opening, R09FullBacklogDelaysTheClient) {
  const int listener = plug::listen(kernel, address, 1);
  const int first = connect();
  const int second = connect();
  const int third = connect();
  EXPECT_EQ(events_of(kernel, first), "OUT");
  EXPECT_EQ(events_of(kernel, second), "OUT");
  EXPECT_EQ(events_of(kernel, third), "-");
  EXPECT_GE(kernel.accept(listener, nullptr), 0);
  EXPECT_EQ(events_of(kernel, third), "-");
  world.advance_by(1s);  // the SYN is repeated
  EXPECT_EQ(events_of(kernel, third), "OUT");
}

TEST_F(Opening, ConnectGivesUpAfterTwoMinutes) {
  plug::listen(kernel, address, 0);
  connect();
  const int second = connect();
  world.advance_by(126s);
  EXPECT_EQ(events_of(kernel, second), "-");
  world.advance_by(1s);
  EXPECT_EQ(kernel.socket_error(second), ETIMEDOUT);
}

TEST_F(Opening, UserTimeoutBoundsConnecting) {
  plug::listen(kernel, address, 0);
  connect();
  const int fd = kernel.socket(address.family());
  kernel.set_option(fd, net::SocketOption::user_timeout, 3000);
  kernel.connect(fd, address);
  world.advance_by(3s);
  EXPECT_EQ(kernel.socket_error(fd), ETIMEDOUT);
}

TEST_F(Opening, ClosedListenerResetsWhoWaits) {
  world.set_link({.delay = 1ms});
  const int listener = plug::listen(kernel, address);
  const int waiting = connect();
  world.advance_by(3ms);
  const int half_open = connect();
  world.advance_by(1500us);
  const int unheard = connect();
  kernel.close(listener);
  world.advance_by(10ms);
  EXPECT_EQ(receive(kernel, waiting), "ECONNRESET");
  EXPECT_EQ(receive(kernel, half_open), "ECONNRESET");
  EXPECT_EQ(receive(kernel, unheard), "ECONNREFUSED");
  EXPECT_EQ(world.orphan_count(), 0U);
}

TEST_F(Opening, ClientThatGivesUpLeavesNothingBehind) {
  world.set_link({.delay = 1ms});
  const int listener = plug::listen(kernel, address, 0);
  kernel.close(connect());  // the SYN has not arrived
  const int fd = connect();
  world.advance_by(1500us);
  kernel.close(fd);  // the answer is under way
  const int third = connect();
  world.advance_by(1s + 5ms);
  EXPECT_EQ(events_of(kernel, third), "OUT");
  EXPECT_GE(kernel.accept(listener, nullptr), 0);
  EXPECT_EQ(kernel.accept(listener, nullptr), -EAGAIN);
}

TEST_F(Opening, ShutdownWhileConnectingEndsTheAttempt) {
  plug::listen(kernel, address);
  const int fd = connect();
  EXPECT_EQ(kernel.find_socket(fd)->shutdown_write(), 0);
  EXPECT_EQ(kernel.socket_error(fd), ECONNRESET);
}

TEST_F(Opening, R07ConnectionResetBeforeAcceptIsStillAccepted) {
  const int listener = plug::listen(kernel, address);
  const int fd = connect();
  kernel.set_option(fd, net::SocketOption::linger_reset, 1);
  world.settle();
  kernel.close(fd);
  net::Address peer;
  const int accepted = kernel.accept(listener, &peer);
  EXPECT_EQ(peer.text(), "127.0.0.1:32768");
  EXPECT_EQ(kernel.peer_address(accepted, peer), -ENOTCONN);
  EXPECT_EQ(receive(kernel, accepted), "ECONNRESET");
}

TEST(Ports, R45EphemeralOnesRunOut) {
  World world({.first_ephemeral_port = 40000, .last_ephemeral_port = 40001});
  Kernel kernel(world);
  net::Address address = plug::loopback(80);
  plug::listen(kernel, address);
  std::vector<int> results;
  for (int i = 0; i < 3; ++i) {
    results.push_back(kernel.connect(kernel.socket(address.family()), address));
  }
  EXPECT_EQ(results, (std::vector{-EINPROGRESS, -EINPROGRESS, -EADDRNOTAVAIL}));
}

TEST(Ports, R46SocketMayConnectToItself) {
  World world({.first_ephemeral_port = 40000, .last_ephemeral_port = 40000});
  Kernel kernel(world);
  const int fd = kernel.socket(net::AddressFamily::ipv4);
  EXPECT_EQ(kernel.connect(fd, plug::loopback(40000)), -EINPROGRESS);
  net::Address local;
  net::Address peer;
  kernel.local_address(fd, local);
  EXPECT_EQ(kernel.peer_address(fd, peer), 0);
  EXPECT_EQ(local, peer);
  send(kernel, fd, "me");
  EXPECT_EQ(receive(kernel, fd), "me");
  kernel.close(fd);
  world.settle();
  EXPECT_EQ(world.orphan_count(), 0U);
}

// --- The Unix domain

struct UnixOpening : Opening {
  UnixOpening() { address = *net::Address::unix_path("/run/duplex"); }
};

TEST_F(UnixOpening, IsImmediate) {
  const int listener = plug::listen(kernel, address);
  const int fd = connect();
  EXPECT_EQ(last_result, 0);
  EXPECT_EQ(events_of(kernel, fd), "OUT");
  net::Address peer;
  const int accepted = kernel.accept(listener, &peer);
  EXPECT_EQ(peer.family(), net::AddressFamily::unix_domain);
  EXPECT_EQ(name(fd, true), "unix:/run/duplex");
  send(kernel, fd, "x");
  EXPECT_EQ(receive(kernel, accepted), "x");
}

TEST_F(UnixOpening, MissingAbandonedAndFullAddressesDiffer) {
  connect();
  EXPECT_EQ(last_result, -ENOENT);
  const int listener = plug::listen(kernel, address, 0);
  connect();
  EXPECT_EQ(last_result, 0);
  connect();
  EXPECT_EQ(last_result, -EAGAIN);
  kernel.close(listener);
  connect();
  EXPECT_EQ(last_result, -ECONNREFUSED);
  address = *net::Address::unix_path("@nobody");
  connect();
  EXPECT_EQ(last_result, -ECONNREFUSED);
}

TEST_F(UnixOpening, FileOutlivesItsSocketUntilItIsUnlinked) {
  kernel.close(plug::listen(kernel, address));
  const int fd = kernel.socket(address.family());
  EXPECT_EQ(kernel.listen(fd, 1), -EINVAL);
  EXPECT_EQ(kernel.bind(fd, address), -EADDRINUSE);
  EXPECT_EQ(kernel.unlink("/run/duplex"), 0);
  EXPECT_EQ(kernel.unlink("/run/duplex"), -ENOENT);
  EXPECT_EQ(kernel.bind(fd, address), 0);
}

TEST_F(UnixOpening, OptionsOfTcpAreUnknown) {
  const int fd = kernel.socket(address.family());
  for (const auto option : {net::SocketOption::no_delay, net::SocketOption::user_timeout,
                            net::SocketOption::not_sent_low_water}) {
    EXPECT_EQ(kernel.set_option(fd, option, 1), -EOPNOTSUPP);
  }
  EXPECT_EQ(kernel.set_option(fd, net::SocketOption::keep_alive, 1), 0);
  EXPECT_EQ(kernel.set_option(fd, net::SocketOption::send_buffer, 100), 0);
  EXPECT_EQ(kernel.set_option(fd, net::SocketOption::receive_buffer, 100), 0);
  EXPECT_EQ(receive(kernel, fd), "EINVAL");
  EXPECT_EQ(send(kernel, fd, "x"), -ENOTCONN);
}

}  // namespace
}  // namespace duplex::simulation
