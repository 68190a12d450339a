#include "net/listener.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "duplex/net/linux_kernel.h"
#include "scripted_kernel.h"

namespace duplex::net {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

struct Owner final : ListenerOwner {
  std::function<void(int)> accept = [](int) {};
  std::vector<int> accepted;
  std::vector<Address> peers;
  void on_accept(int fd, const Address& peer) override {
    accept(fd);
    accepted.push_back(fd);
    peers.push_back(peer);
  }
};

struct ListenerTest : testing::Test {
  ScriptedKernel kernel;
  Reactor reactor{kernel, {}};
  Owner owner;
  Listener listener{reactor, owner, {.port = 80}};
  int fd = *kernel.open.rbegin() - 1;  // the last descriptor is the spare one
  std::size_t idle_descriptors = kernel.open.size();

  std::uint64_t accept_calls() const { return kernel.counts().of(Call::accept); }
  bool listens() { return kernel.interests.at(fd).events == Ready::in; }

  // Turns in which the socket is ready, as long as the queue holds anything and we want to know.
  void serve(int turns) {
    for (; turns > 0; --turns) {
      if (listens() && !kernel.accepts.empty()) kernel.batches.push_back({{fd, Ready::in}});
      reactor.turn(10ms);
    }
  }
};

TEST_F(ListenerTest, R02HandsOverEachConnectionUntilNobodyWaits) {
  kernel.accepts = {0, 0, 0};
  serve(1);
  EXPECT_EQ(owner.accepted.size(), 3U);
  EXPECT_EQ(owner.peers.front().text(), "192.0.2.1:1234");
  EXPECT_EQ(listener.stats().accepted, 3U);
  EXPECT_EQ(accept_calls(), 4U);  // the last one found nothing
  EXPECT_FALSE(listener.paused());
}

TEST_F(ListenerTest, R01R03TransientErrorsAreCountedAndPassedOver) {
  kernel.accepts = {
      -EINTR, -ECONNABORTED, 0,       -EPROTO,       -EPERM,      -ENETDOWN,    -ENOPROTOOPT,
      0,      -EHOSTDOWN,    -ENONET, -EHOSTUNREACH, -EOPNOTSUPP, -ENETUNREACH, 0};
  serve(1);
  EXPECT_EQ(owner.accepted.size(), 3U);
  EXPECT_EQ(listener.stats().transient_errors, 11U);
  EXPECT_FALSE(listener.paused());
}

TEST_F(ListenerTest, ErrorsThatDoNotPassPauseInsteadOfSpinning) {
  kernel.fail(Call::accept, ENETDOWN, 1000);
  kernel.accepts = {0};
  serve(50);  // half a second
  EXPECT_LE(accept_calls(), 64U * 6);
  EXPECT_GE(listener.stats().pauses, 4U);
}

TEST_F(ListenerTest, R04WithoutDescriptorsPeersAreTurnedAwayWithTheSpareOne) {
  kernel.max_descriptors = kernel.open.size();
  kernel.accepts = {0, 0, 0};
  serve(1);
  EXPECT_TRUE(owner.accepted.empty());
  EXPECT_EQ(listener.stats().refused, 3U);
  EXPECT_EQ(kernel.open.size(), idle_descriptors);
  const auto calls = accept_calls();
  serve(100);  // then quiet
  EXPECT_EQ(accept_calls(), calls);
  kernel.max_descriptors += 1;
  kernel.accepts = {0};
  serve(1);
  EXPECT_EQ(owner.accepted.size(), 1U);
}

TEST_F(ListenerTest, R04WithoutTheSpareOneItPausesAndTriesAgain) {
  kernel.max_descriptors = kernel.open.size();
  kernel.fail(Call::reserve_descriptor, EMFILE);
  kernel.accepts = {0, 0};
  serve(1);
  EXPECT_TRUE(listener.paused());
  EXPECT_FALSE(listens());
  EXPECT_EQ(listener.stats().refused, 1U);
  serve(9);
  EXPECT_FALSE(listens());
  serve(2);  // 100 ms are over: the spare one is back, and turns the other away
  EXPECT_EQ(listener.stats().refused, 2U);
  EXPECT_FALSE(listener.paused());
}

TEST_F(ListenerTest, R04WhenSomebodyElseTakesTheSpareOneItPauses) {
  kernel.fail(Call::accept, EMFILE, 2);
  kernel.accepts = {0};
  serve(1);
  EXPECT_TRUE(listener.paused());
  EXPECT_EQ(listener.stats().refused, 0U);
  listener.resume();
  EXPECT_TRUE(listens());
  serve(1);
  EXPECT_EQ(owner.accepted.size(), 1U);
  listener.resume();  // not paused: nothing happens
}

TEST_F(ListenerTest, R27APauseThatCannotBeEndedGoesOn) {
  kernel.fail(Call::accept, ENFILE);
  kernel.accepts = {0};
  serve(1);
  kernel.fail(Call::epoll_ctl, ENOMEM);
  listener.resume();
  EXPECT_TRUE(listener.paused());
  serve(12);
  EXPECT_FALSE(listener.paused());
  EXPECT_EQ(owner.accepted.size(), 1U);
}

TEST_F(ListenerTest, R04APeerThatHasGoneMeanwhileEndsTheBatch) {
  kernel.fail(Call::accept, EMFILE);
  kernel.batches.push_back({{fd, Ready::in}});
  reactor.turn(0ns);
  EXPECT_FALSE(listener.paused());
  EXPECT_EQ(kernel.open.size(), idle_descriptors);
}

TEST_F(ListenerTest, R05R06ExhaustionOfTheSystemPausesForATenthOfASecond) {
  for (const int error : {ENFILE, ENOBUFS, ENOMEM, EBADF}) {
    kernel.fail(Call::accept, error);
    kernel.accepts.push_back(0);
    const auto start = kernel.time;
    const auto before = owner.accepted.size();
    serve(1);
    EXPECT_FALSE(listens());
    while (owner.accepted.size() == before) serve(1);
    EXPECT_GE(kernel.time - start, 100ms);
    EXPECT_LE(kernel.time - start, 120ms);
  }
}

// Whoever else is ready is served in each of those turns.
TEST_F(ListenerTest, R08NoMoreThan64PerTurn) {
  struct Other final : ReadyHandler {
    int turns = 0;
    void on_ready(std::uint32_t) override { ++turns; }
  } other;
  constexpr std::size_t waiting = 10'000;
  kernel.max_descriptors = 2 * waiting;
  const int other_fd = kernel.open_descriptor();
  ASSERT_TRUE(reactor.watch(other_fd, Ready::in, other));
  kernel.accepts.assign(waiting, 0);
  for (int turn = 1; !kernel.accepts.empty(); ++turn) {
    const std::size_t before = owner.accepted.size();
    kernel.batches.push_back({{fd, Ready::in}, {other_fd, Ready::in}});
    reactor.turn(10ms);
    ASSERT_EQ(owner.accepted.size(), std::min(before + 64, waiting));
    ASSERT_EQ(other.turns, turn);
  }
  EXPECT_EQ(owner.accepted.size(), waiting);
}

TEST_F(ListenerTest, AnOwnerThatThrowsHasNotTakenTheConnection) {
  owner.accept = [&](int) {
    if (owner.accepted.empty() && listener.stats().accepted == 1) throw std::bad_alloc();
  };
  kernel.accepts = {0, 0};
  serve(1);
  EXPECT_EQ(owner.accepted.size(), 1U);
  EXPECT_EQ(kernel.open.size(), idle_descriptors + 1);
}

TEST_F(ListenerTest, MayBeClosedWhileItAccepts) {
  owner.accept = [&](int) { listener.close(); };
  kernel.accepts = {0, 0};
  serve(1);
  EXPECT_EQ(owner.accepted.size(), 1U);
  EXPECT_FALSE(kernel.interests.contains(fd));
  listener.close();
  EXPECT_EQ(reactor.watched_count(), 1U);
}

TEST(ListenerConstruction, R59EveryCallThatFailsIsReportedAndNothingLeaks) {
  for (const Call call : {Call::socket, Call::bind, Call::listen, Call::local_address,
                          Call::epoll_ctl, Call::set_option}) {
    ScriptedKernel kernel;
    Reactor reactor(kernel, {});
    Owner owner;
    const auto before = kernel.open.size();
    kernel.fail(call, EACCES);
    try {
      Listener listener(reactor, owner, {.host = "::1", .port = 0});
      ADD_FAILURE() << name_of(call);
    } catch (const std::system_error& error) {
      EXPECT_EQ(error.code(), std::errc::permission_denied);
      EXPECT_NE(std::string(error.what()).find("[::1]:0"), std::string::npos) << error.what();
    }
    EXPECT_EQ(kernel.open.size(), before) << name_of(call);
  }
}

TEST(ListenerConstruction, AHostThatIsNoLiteralIsNamed) {
  ScriptedKernel kernel;
  Reactor reactor(kernel, {});
  Owner owner;
  const auto text_of = [&](const ListenerOptions& options) -> std::string {
    try {
      Listener listener(reactor, owner, options);
    } catch (const std::system_error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_NE(text_of({.host = "example.com", .port = 5}).find("example.com:5"), std::string::npos);
  EXPECT_NE(text_of({.unix_path = std::string(108, 'x')}).find("unix:xxx"), std::string::npos);
}

// --- On Linux

struct RealListenerTest : testing::Test {
  LinuxKernel kernel;
  Reactor reactor{kernel, {}};
  Owner owner;

  int connect(const Address& address) {
    const int fd = kernel.socket(address.family());
    const int result = kernel.connect(fd, address);
    EXPECT_TRUE(result == 0 || result == -EINPROGRESS) << result;
    return fd;
  }
  void accept_one() {
    while (owner.accepted.empty()) reactor.turn(1s);
  }
  void close_accepted() {
    for (const int fd : owner.accepted) kernel.close(fd);
    owner.accepted.clear();
  }
  std::error_code error_of_listening(const ListenerOptions& options) {
    try {
      Listener listener(reactor, owner, options);
    } catch (const std::system_error& error) {
      return error.code();
    }
    return {};
  }
};

TEST_F(RealListenerTest, PicksAPortAndAcceptsWithOptionsInherited) {
  const KeepAlive keep_alive = {.idle = 61s, .interval = 16s, .count = 5};
  Listener listener(reactor, owner, {.user_timeout = 20s, .keep_alive = keep_alive});
  EXPECT_NE(listener.port(), 0);
  const int client = connect(listener.address());
  accept_one();
  int value = 0;
  socklen_t size = sizeof value;
  ::getsockopt(owner.accepted[0], IPPROTO_TCP, TCP_NODELAY, &value, &size);
  EXPECT_NE(value, 0);
  ::getsockopt(owner.accepted[0], IPPROTO_TCP, TCP_USER_TIMEOUT, &value, &size);
  EXPECT_EQ(value, 20000);
  ::getsockopt(owner.accepted[0], SOL_SOCKET, SO_KEEPALIVE, &value, &size);
  EXPECT_NE(value, 0);
  ::getsockopt(owner.accepted[0], IPPROTO_TCP, TCP_KEEPIDLE, &value, &size);
  EXPECT_EQ(value, 61);
  ::getsockopt(owner.accepted[0], IPPROTO_TCP, TCP_KEEPINTVL, &value, &size);
  EXPECT_EQ(value, 16);
  ::getsockopt(owner.accepted[0], IPPROTO_TCP, TCP_KEEPCNT, &value, &size);
  EXPECT_EQ(value, 5);
  kernel.close(client);
  close_accepted();
}

TEST_F(RealListenerTest, R66AllAddressesMeansBothFamilies) {
  Listener listener(reactor, owner, {.host = "::"});
  const int client = connect(*Address::parse("127.0.0.1", listener.port()));
  accept_one();
  EXPECT_EQ(owner.peers[0].host(), "127.0.0.1");
  kernel.close(client);
  close_accepted();
}

TEST_F(RealListenerTest, R63APortInUseIsRefusedUnlessItIsShared) {
  Listener first(reactor, owner, {.reuse_port = true});
  EXPECT_EQ(error_of_listening({.port = first.port()}), std::errc::address_in_use);
  EXPECT_FALSE(error_of_listening({.port = first.port(), .reuse_port = true}));
}

// Who comes wakes one loop, not all of them, and no loop gets more than twice its share.
TEST_F(RealListenerTest, R60SeveralLoopsShareAPort) {
  constexpr std::size_t loops = 4;
  constexpr std::size_t clients = 400;
  struct Loop {
    LinuxKernel kernel;
    Reactor reactor{kernel, {.receive_buffer_size = 64}};
    Owner owner;
    std::optional<Listener> listener;
  };
  std::array<Loop, loops> all;
  std::uint16_t port = 0;
  for (Loop& loop : all) {
    loop.listener.emplace(loop.reactor, loop.owner,
                          ListenerOptions{.port = port, .reuse_port = true});
    port = loop.listener->port();
  }
  for (std::size_t i = 0; i < clients; ++i) {
    const int client = connect(all[0].listener->address());
    for (Loop& loop : all) loop.reactor.turn(0ns);
    kernel.close(client);
  }
  std::size_t accepted = 0;
  for (Loop& loop : all) {
    for (int i = 0; i < 3; ++i) loop.reactor.turn(1ms);
    accepted += loop.owner.accepted.size();
    EXPECT_LE(loop.owner.accepted.size(), 2 * clients / loops);
    // Each wake-up takes whoever is there, and then finds nobody: two calls for one connection.
    EXPECT_LE(loop.kernel.counts().of(Call::accept), 2 * loop.owner.accepted.size());
    for (const int fd : loop.owner.accepted) loop.kernel.close(fd);
  }
  EXPECT_EQ(accepted, clients);
}

TEST_F(RealListenerTest, R63UnixPathsAreReplacedOnlyWhenNobodyListens) {
  const std::string path = testing::TempDir() + "duplex-listener-test.sock";
  ::unlink(path.c_str());
  {
    Listener listener(reactor, owner, {.unix_path = path});
    const int client = connect(listener.address());
    accept_one();
    EXPECT_EQ(owner.peers[0].text(), "unix:");
    kernel.close(client);
    close_accepted();
    EXPECT_EQ(error_of_listening({.unix_path = path}), std::errc::address_in_use);
  }
  EXPECT_NE(::access(path.c_str(), F_OK), 0) << "closing removes the file";

  const int crashed = kernel.socket(AddressFamily::unix_domain);
  ASSERT_EQ(kernel.bind(crashed, *Address::unix_path(path)), 0);
  kernel.close(crashed);
  EXPECT_FALSE(error_of_listening({.unix_path = path})) << "a stale socket is replaced";

  kernel.close(::open(path.c_str(), O_CREAT | O_CLOEXEC, 0600));
  EXPECT_EQ(error_of_listening({.unix_path = path}), std::errc::address_in_use);
  EXPECT_EQ(::access(path.c_str(), F_OK), 0) << "a file that is no socket stays";
  ::unlink(path.c_str());
  EXPECT_EQ(error_of_listening({.unix_path = "/nowhere/at/all"}),
            std::errc::no_such_file_or_directory);
}

TEST_F(RealListenerTest, AbstractNamesHaveNoFile) {
  Listener listener(reactor, owner, {.unix_path = "@duplex-listener-test"});
  const int client = connect(listener.address());
  accept_one();
  kernel.close(client);
  close_accepted();
}

TEST_F(RealListenerTest, R62ClosingResetsWhoeverWaits) {
  Listener listener(reactor, owner, {});
  const int client = connect(listener.address());
  listener.close();
  reactor.turn(0ns);
  EXPECT_TRUE(owner.accepted.empty());
  EXPECT_EQ(kernel.socket_error(client), ECONNRESET);
  kernel.close(client);
}

}  // namespace
}  // namespace duplex::net
