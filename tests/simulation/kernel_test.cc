// Descriptors, wake-ups, signals, clocks, names and random bytes of a simulated process.
#include "simulation/kernel.h"

#include <gtest/gtest.h>

#include "connected.h"

namespace duplex::simulation {
namespace {

using namespace std::chrono_literals;
using net::Call;

struct KernelTest : testing::Test {
  World world;
  Kernel kernel{world};
};

TEST_F(KernelTest, LowestFreeDescriptorIsGivenOutFirst) {
  const int a = kernel.eventfd();
  const int b = kernel.eventfd();
  const int c = kernel.eventfd();
  EXPECT_EQ((std::vector{a, b, c}), (std::vector{3, 4, 5}));
  kernel.close(b);
  kernel.close(a);
  EXPECT_EQ(kernel.eventfd(), a);
  EXPECT_EQ(kernel.eventfd(), b);
  EXPECT_EQ(kernel.eventfd(), c + 1);
  EXPECT_EQ(kernel.descriptor_count(), 4U);
}

TEST_F(KernelTest, DescriptorsRunOutForEveryCallThatMakesOne) {
  world.files().add("/www/a", "");
  net::Address address = plug::loopback();
  const int listener = plug::listen(kernel, address);
  const int client = kernel.socket(address.family());
  const int root = kernel.open_directory("/www");
  kernel.connect(client, address);
  kernel.set_descriptor_limit(root + 1);
  EXPECT_EQ(kernel.socket(address.family()), -EMFILE);
  EXPECT_EQ(kernel.accept(listener, nullptr), -EMFILE);
  EXPECT_EQ(kernel.epoll_create(), -EMFILE);
  EXPECT_EQ(kernel.eventfd(), -EMFILE);
  EXPECT_EQ(kernel.signalfd({}), -EMFILE);
  EXPECT_EQ(kernel.reserve_descriptor(), -EMFILE);
  EXPECT_EQ(kernel.open_directory("/www"), -EMFILE);
  EXPECT_EQ(kernel.open_beneath(root, "a"), -EMFILE);
  kernel.set_descriptor_limit(root + 2);
  EXPECT_EQ(kernel.accept(listener, nullptr), root + 1);
}

TEST_F(KernelTest, ReservedDescriptorCanBeGivenUp) {
  const int fd = kernel.reserve_descriptor();
  EXPECT_EQ(kernel.descriptors("reserve"), std::vector{fd});
  EXPECT_EQ(kernel.close(fd), 0);
  EXPECT_EQ(kernel.descriptors(), std::vector<int>{});
}

TEST_F(KernelTest, UnknownDescriptorsAreRefused) {
  net::Address address;
  net::FileStatus status;
  EXPECT_EQ(kernel.bind(9, address), -EBADF);
  EXPECT_EQ(kernel.accept(9, nullptr), -EBADF);
  EXPECT_EQ(kernel.connect(9, address), -EBADF);
  EXPECT_EQ(kernel.recv(9, {}), -EBADF);
  EXPECT_EQ(kernel.writev(-1, {}), -EBADF);
  EXPECT_EQ(kernel.close(9), -EBADF);
  EXPECT_EQ(kernel.wake(9), -EBADF);
  EXPECT_EQ(kernel.clear_wake(9), -EBADF);
  EXPECT_EQ(kernel.next_signal(9), -EBADF);
  EXPECT_EQ(kernel.fstat(9, status), -EBADF);
  EXPECT_EQ(kernel.pread(9, {}, 0), -EBADF);
  EXPECT_EQ(kernel.open_beneath(9, "a"), -EBADF);
  EXPECT_EQ(kernel.link(9), nullptr);
  kernel.reset_connection(9);
  kernel.vanish(9);
}

TEST_F(KernelTest, CallsOnTheWrongKindOfDescriptorAreRefused) {
  const int fd = kernel.eventfd();
  net::FileStatus status;
  EXPECT_EQ(kernel.listen(fd, 1), -ENOTSOCK);
  EXPECT_EQ(kernel.accept(fd, nullptr), -ENOTSOCK);
  EXPECT_EQ(kernel.connect(fd, plug::loopback()), -ENOTSOCK);
  EXPECT_EQ(kernel.recv(fd, {}), -ENOTSOCK);
  EXPECT_EQ(kernel.writev(fd, {}), -ENOTSOCK);
  EXPECT_EQ(kernel.pread(fd, {}, 0), -ESPIPE);
  EXPECT_EQ(kernel.fstat(fd, status), 0);
  EXPECT_FALSE(status.is_regular);
  kernel.vanish(fd);
  EXPECT_EQ(kernel.descriptor_count(), 0U);
}

TEST_F(KernelTest, VanishedListenerIsNotFound) {
  net::Address address = plug::loopback();
  kernel.vanish(plug::listen(kernel, address));
  kernel.vanish(kernel.socket(address.family()));
  const int fd = kernel.socket(address.family());
  kernel.connect(fd, address);
  EXPECT_EQ(plug::receive(kernel, fd), "ECONNREFUSED");
}

TEST_F(KernelTest, WakeUpsAddUpAndAreClearedTogether) {
  const int fd = kernel.eventfd();
  EXPECT_EQ(plug::events_of(kernel, fd), "OUT");
  kernel.wake(fd);
  kernel.wake(fd);
  EXPECT_EQ(plug::events_of(kernel, fd), "IN OUT");
  EXPECT_EQ(kernel.clear_wake(fd), 0);
  EXPECT_EQ(kernel.clear_wake(fd), -EAGAIN);
}

TEST_F(KernelTest, SignalsArriveOnceAndInOrderWhereTheyAreWanted) {
  const std::array wanted{2, 15};
  const int fd = kernel.signalfd(wanted);
  EXPECT_FALSE(kernel.raise(1));
  EXPECT_EQ(plug::events_of(kernel, fd), "-");
  EXPECT_TRUE(kernel.raise(15));
  EXPECT_TRUE(kernel.raise(15));
  EXPECT_TRUE(kernel.raise(2));
  EXPECT_EQ(plug::events_of(kernel, fd), "IN");
  EXPECT_EQ(kernel.next_signal(fd), 15);
  EXPECT_EQ(kernel.next_signal(fd), 2);
  EXPECT_EQ(kernel.next_signal(fd), -EAGAIN);
}

TEST_F(KernelTest, CountsItsCallsByName) {
  const int fd = kernel.eventfd();
  kernel.wake(fd);
  kernel.wake(fd);
  EXPECT_EQ(kernel.counts().of(Call::eventfd), 1U);
  EXPECT_EQ(kernel.counts().of(Call::eventfd_write), 2U);
  EXPECT_EQ(kernel.counts().total(), 3U);
}

TEST_F(KernelTest, TimeStandsStillUnlessItIsMoved) {
  const auto begin = kernel.now();
  kernel.eventfd();
  EXPECT_EQ(kernel.now(), begin);
  world.advance_by(3s);
  EXPECT_EQ(kernel.now() - begin, 3s);
}

TEST_F(KernelTest, WallClockFollowsAndMayJumpAlone) {
  const auto wall = kernel.wall_clock();
  const auto begin = kernel.now();
  world.advance_by(1s);
  EXPECT_EQ(kernel.wall_clock() - wall, 1s);
  world.jump_wall_clock(-24h);
  EXPECT_EQ(kernel.wall_clock() - wall, 1s - 24h);
  EXPECT_EQ(kernel.now() - begin, 1s);
}

TEST_F(KernelTest, NamesResolveToWhatTheTestSays) {
  world.add_name("example.test", {*net::Address::parse("::1", 0), plug::loopback()});
  std::array<net::Address, 3> found;
  EXPECT_EQ(kernel.resolve("example.test", 80, found), 2);
  EXPECT_EQ(found[0].text(), "[::1]:80");
  EXPECT_EQ(found[1].text(), "127.0.0.1:80");
  EXPECT_EQ(kernel.resolve("example.test", 80, std::span(found).first(1)), 1);
  EXPECT_EQ(kernel.resolve("10.0.0.1", 81, found), 1);
  EXPECT_EQ(found[0].text(), "10.0.0.1:81");
  EXPECT_EQ(kernel.resolve("nowhere.test", 80, found), -ENXIO);
  EXPECT_EQ(kernel.blocking_resolve(), nullptr);
}

TEST_F(KernelTest, RandomBytesFollowTheSeed) {
  const auto draw = [](std::uint64_t seed) {
    World other({.seed = seed});
    Kernel process(other);
    std::array<std::byte, 16> bytes{};
    EXPECT_EQ(process.random(bytes), 0);
    return bytes;
  };
  EXPECT_EQ(draw(1), draw(1));
  EXPECT_NE(draw(1), draw(2));
}

}  // namespace
}  // namespace duplex::simulation
