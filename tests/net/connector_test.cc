#include "net/connector.h"

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "duplex/net/linux_kernel.h"
#include "net/listener.h"
#include "scripted_kernel.h"

namespace duplex::net {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

struct Owner final : ConnectorOwner {
  int fd = -1;
  Address peer;
  std::error_code error;
  int answers = 0;
  std::function<void()> then = [] {};
  void on_connected(int connected, const Address& to) override {
    ++answers;
    fd = connected;
    peer = to;
    then();
  }
  void on_connect_failed(std::error_code reason) override {
    ++answers;
    error = reason;
    then();
  }
};

struct ConnectorTest : testing::Test {
  ScriptedKernel kernel;
  Reactor reactor{kernel, {}};
  Owner owner;
  std::optional<Connector> connector{std::in_place, reactor, owner};
  std::size_t idle_descriptors = kernel.open.size();
  Clock::time_point start = kernel.time;
  std::vector<Address> addresses = {*Address::parse("192.0.2.1", 80),
                                    *Address::parse("2001:db8::1", 80),
                                    *Address::parse("192.0.2.3", 80)};

  void connect() { connector->start(addresses, start + 10s); }
  // Newest first: the descriptor of the nth latest socket.
  int socket(std::size_t nth = 0) { return *std::next(kernel.open.rbegin(), std::ptrdiff_t(nth)); }
  void answer(int fd, int error) {
    kernel.socket_errors[fd] = error;
    kernel.batches.push_back({{fd, error == 0 ? Ready::out : Ready::out | Ready::error}});
    reactor.turn(nanoseconds(-1));
  }
  void turn_until_answered() {
    for (int i = 0; i < 10'000 && owner.answers == 0; ++i) reactor.turn(nanoseconds(-1));
  }
  std::uint64_t attempts() const { return kernel.counts().of(Call::connect); }
};

TEST_F(ConnectorTest, ConnectsToTheFirstThatWorks) {
  kernel.connects = {-EINPROGRESS};
  connect();
  EXPECT_TRUE(connector->busy());
  const int fd = socket();
  answer(fd, 0);
  EXPECT_EQ(owner.fd, fd);
  EXPECT_EQ(owner.peer, addresses[0]);
  EXPECT_EQ(attempts(), 1U);
  EXPECT_FALSE(connector->busy());
  EXPECT_EQ(reactor.watched_count(), 1U);
  EXPECT_EQ(kernel.open.size(), idle_descriptors + 1);
}

TEST_F(ConnectorTest, NeverAnswersFromInsideStart) {
  connect();  // succeeds at once
  EXPECT_EQ(owner.answers, 0);
  kernel.fail(Call::socket, EMFILE, 100);
  connector->cancel();
  connect();  // fails at once
  EXPECT_EQ(owner.answers, 0);
  turn_until_answered();
  EXPECT_EQ(owner.error, std::errc::too_many_files_open);
}

TEST_F(ConnectorTest, R44EachErrorIsReportedOnceWithItsCode) {
  for (const int error : {ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, ECONNRESET}) {
    addresses.resize(1);
    kernel.connects = {-EINPROGRESS};
    connect();
    answer(socket(), error);
    turn_until_answered();
    EXPECT_EQ(owner.error.value(), error);
    EXPECT_EQ(std::exchange(owner.answers, 0), 1);
    EXPECT_EQ(kernel.open.size(), idle_descriptors);
  }
}

TEST_F(ConnectorTest, R45ErrorsOfTheCallItself) {
  addresses.resize(1);
  kernel.connects = {-EADDRNOTAVAIL};
  connect();
  turn_until_answered();
  EXPECT_EQ(owner.error.value(), EADDRNOTAVAIL);
  owner.answers = 0;
  kernel.connects = {-EINTR};  // goes on by itself
  connect();
  answer(socket(), 0);
  EXPECT_EQ(owner.answers, 1);
  EXPECT_GE(owner.fd, 0);
}

TEST_F(ConnectorTest, R45AFullUnixQueueIsTriedAgain) {
  addresses = {*Address::unix_path("/run/x")};
  kernel.connects = {-EAGAIN, -EAGAIN, 0};
  connect();
  const int fd = socket();
  for (int i = 0; i < 2; ++i) reactor.turn(nanoseconds(-1));
  EXPECT_EQ(attempts(), 3U);
  answer(fd, 0);
  EXPECT_EQ(owner.fd, fd);
  EXPECT_EQ(kernel.counts().of(Call::set_option), 0U);
  owner.answers = 0;
  kernel.connects = {-EAGAIN, -ECONNREFUSED};
  connect();
  turn_until_answered();
  EXPECT_EQ(owner.error.value(), ECONNREFUSED);
  owner.answers = 0;
  kernel.connects.assign(2000, -EAGAIN);
  start = kernel.time;
  connect();
  turn_until_answered();
  EXPECT_EQ(owner.error, std::errc::timed_out);
}

TEST_F(ConnectorTest, R46ConnectingToOneselfIsRefused) {
  addresses.resize(1);
  kernel.connects = {-EINPROGRESS};
  connect();
  kernel.local_addresses[socket()] = addresses[0];
  answer(socket(), 0);
  turn_until_answered();
  EXPECT_EQ(owner.error, std::errc::connection_refused);
  EXPECT_EQ(kernel.open.size(), idle_descriptors);
}

TEST_F(ConnectorTest, AnErrorThatWasReadBeforeIsStillOne) {
  addresses.resize(1);
  kernel.connects = {-EINPROGRESS};
  connect();
  kernel.batches.push_back({{socket(), Ready::error | Ready::hang_up}});
  turn_until_answered();
  EXPECT_EQ(owner.error, std::errc::connection_refused);
}

TEST_F(ConnectorTest, R48TheNextAddressFollowsAFailureAtOnce) {
  kernel.connects = {-ENETUNREACH, -EINPROGRESS, -EINPROGRESS};
  connect();
  EXPECT_EQ(attempts(), 2U);
  answer(socket(), ECONNREFUSED);
  EXPECT_EQ(attempts(), 3U);
  EXPECT_EQ(kernel.time, start);
  answer(socket(), 0);
  EXPECT_EQ(owner.peer, addresses[2]);
}

TEST_F(ConnectorTest, R48TheNextAddressFollowsSilenceAfter250Milliseconds) {
  kernel.connects = {-EINPROGRESS, -EINPROGRESS, -EINPROGRESS};
  connect();
  const int first = socket();
  reactor.turn(nanoseconds(-1));
  EXPECT_EQ(kernel.time - start, 250ms);
  EXPECT_EQ(attempts(), 2U);
  reactor.turn(nanoseconds(-1));
  EXPECT_EQ(kernel.time - start, 500ms);
  EXPECT_EQ(attempts(), 3U);
  answer(first, 0);  // late, but still the first
  EXPECT_EQ(owner.fd, first);
  EXPECT_EQ(kernel.open.size(), idle_descriptors + 1);
  EXPECT_EQ(reactor.watched_count(), 1U);
}

TEST_F(ConnectorTest, WhenAllFailTheFirstReasonIsTold) {
  kernel.connects = {-ECONNREFUSED, -ENETUNREACH, -EHOSTUNREACH};
  connect();
  turn_until_answered();
  EXPECT_EQ(owner.error, std::errc::connection_refused);
  EXPECT_EQ(kernel.open.size(), idle_descriptors);
}

TEST_F(ConnectorTest, TheDeadlineEndsEverything) {
  kernel.connects.assign(3, -EINPROGRESS);
  connect();
  turn_until_answered();
  EXPECT_EQ(owner.error, std::errc::timed_out);
  EXPECT_EQ(kernel.time - start, 10s);
  EXPECT_EQ(kernel.open.size(), idle_descriptors);
}

TEST_F(ConnectorTest, R26AWatchThatFailsIsAFailedAttempt) {
  addresses.resize(1);
  kernel.fail(Call::epoll_ctl, ENOSPC);
  connect();
  turn_until_answered();
  EXPECT_EQ(owner.error.value(), ENOSPC);
  EXPECT_EQ(kernel.open.size(), idle_descriptors);
}

TEST_F(ConnectorTest, WithoutAddressesItFails) {
  addresses.clear();
  connect();
  turn_until_answered();
  EXPECT_EQ(owner.error, std::errc::address_not_available);
}

TEST_F(ConnectorTest, MayBeDestroyedAtAnyTime) {
  kernel.connects.assign(10, -EINPROGRESS);
  connect();
  reactor.turn(nanoseconds(-1));
  connector.reset();
  EXPECT_EQ(kernel.open.size(), idle_descriptors);
  connector.emplace(reactor, owner);
  owner.then = [&] { connector.reset(); };
  connect();
  answer(socket(), 0);
  EXPECT_GE(owner.fd, 0);
  connector.emplace(reactor, owner);
  kernel.connects.assign(3, -ECONNREFUSED);
  connect();
  owner.answers = 0;
  turn_until_answered();
  EXPECT_FALSE(connector.has_value());
}

// --- On Linux

struct Accepting final : ListenerOwner {
  LinuxKernel& kernel;
  explicit Accepting(LinuxKernel& linux_kernel) : kernel(linux_kernel) {}
  void on_accept(int fd, const Address&) override { kernel.close(fd); }
};

struct RealConnectorTest : testing::Test {
  LinuxKernel kernel;
  Reactor reactor{kernel, {}};
  Accepting accepting{kernel};
  Owner owner;
  Connector connector{reactor, owner};

  void connect(std::vector<Address> addresses) {
    connector.start(addresses, reactor.now() + 5s);
    while (owner.answers == 0) reactor.turn(1s);
    if (owner.fd >= 0) kernel.close(owner.fd);
  }
};

TEST_F(RealConnectorTest, PassesOverARefusedAddress) {
  Listener listener(reactor, accepting, {.host = "::1"});
  connect({*Address::parse("127.0.0.1", listener.port()), listener.address()});
  EXPECT_FALSE(owner.error);
  EXPECT_EQ(owner.peer, listener.address());
}

TEST_F(RealConnectorTest, ConnectsToUnixSockets) {
  Listener listener(reactor, accepting, {.unix_path = "@duplex-connector-test"});
  connect({listener.address()});
  EXPECT_FALSE(owner.error);
}

TEST_F(RealConnectorTest, R44ReportsARefusal) {
  Address nobody;
  {
    Listener listener(reactor, accepting, {});
    nobody = listener.address();
  }
  connect({nobody});
  EXPECT_EQ(owner.error, std::errc::connection_refused);
}

// Connecting from a port to itself opens a connection between the two ends of one socket.
TEST_F(RealConnectorTest, R46LinuxDoesConnectASocketToItself) {
  const int fd = kernel.socket(AddressFamily::ipv4);
  Address address = *Address::parse("127.0.0.1", 0);
  ASSERT_EQ(kernel.bind(fd, address), 0);
  ASSERT_EQ(kernel.local_address(fd, address), 0);
  kernel.connect(fd, address);
  Address peer;
  EXPECT_EQ(kernel.peer_address(fd, peer), 0);
  EXPECT_EQ(peer, address) << "what the connector compares";
  kernel.close(fd);
}

}  // namespace
}  // namespace duplex::net
