// Faults on purpose: the words for them, and what they do to a socket.
#include "../../tools/duplex/serve/chaos.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>
#include <vector>

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

std::string problem(const std::string& word) {
  Chaos chaos;
  return set_chaos(chaos, {word});
}

TEST(Chaos, IsSetByWords) {
  Chaos chaos;
  EXPECT_EQ(set_chaos(chaos, {"nagle", "split-writes", "lone-writes", "stall=200ms@2s"}), "");
  EXPECT_TRUE(chaos.nagle);
  EXPECT_TRUE(chaos.split_writes);
  EXPECT_TRUE(chaos.lone_writes);
  EXPECT_EQ(chaos.stall, 200ms);
  EXPECT_EQ(chaos.stall_period, 2s);
}

TEST(Chaos, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(problem("nagel"),
            "'nagel' is not one of nagle, split-writes, lone-writes, stall=TIME@PERIOD");
  for (const std::string word : {"stall=", "stall=1s", "stall=0@1s", "stall=2s@1s", "stall=1s@1s",
                                 "stall=x@1s", "stall=1s@x"}) {
    EXPECT_EQ(problem(word),
              "'" + word + "' is not stall=TIME@PERIOD with a time above 0 and a longer period");
  }
}

bool has_no_delay(net::Kernel& kernel) {
  const int fd = kernel.socket(net::AddressFamily::ipv4);
  kernel.set_option(fd, net::SocketOption::no_delay, 1);
  int value = 0;
  socklen_t size = sizeof(value);
  getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, &size);
  kernel.close(fd);
  return value != 0;
}

TEST(ChaosKernel, LeavesNaglesAlgorithmOn) {
  ChaosKernel kernel({.nagle = true});
  EXPECT_FALSE(has_no_delay(kernel));
  ChaosKernel plain({});
  EXPECT_TRUE(has_no_delay(plain));
}

// Packets of a Unix-domain socket keep the boundaries of the calls that wrote them.
std::vector<std::string> packets_of(net::Kernel& kernel, const std::vector<Bytes>& pieces,
                                    std::ptrdiff_t written) {
  std::array<int, 2> ends = {};
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends.data()), 0);
  EXPECT_EQ(kernel.writev(ends[0], pieces), written);
  std::vector<std::string> packets;
  std::array<char, 64> packet = {};
  for (ssize_t size = 0; (size = read(ends[1], packet.data(), packet.size())) > 0;) {
    packets.emplace_back(packet.data(), static_cast<std::size_t>(size));
  }
  close(ends[0]);
  close(ends[1]);
  return packets;
}

TEST(ChaosKernel, WritesInTwo) {
  using Packets = std::vector<std::string>;
  ChaosKernel kernel({.split_writes = true});
  EXPECT_EQ(packets_of(kernel, {as_bytes("abcd"), as_bytes("ef")}, 6), (Packets{"ab", "cdef"}));
  EXPECT_EQ(packets_of(kernel, {as_bytes("ab"), as_bytes("c")}, 3), (Packets{"abc"}));
  ChaosKernel plain({});
  EXPECT_EQ(packets_of(plain, {as_bytes("abcd")}, 4), (Packets{"abcd"}));
}

TEST(ChaosKernel, StandsStillOnceAPeriodIsOver) {
  ChaosKernel kernel({.stall = 20ms, .stall_period = 30ms});
  const int epoll = kernel.epoll_create();
  std::this_thread::sleep_for(30ms);
  const auto before = net::Clock::now();
  std::array<net::Ready, 1> ready = {};
  kernel.epoll_wait(epoll, ready, 0ms);
  EXPECT_GE(net::Clock::now() - before, 20ms);
  kernel.close(epoll);
}

}  // namespace
}  // namespace duplex::tools
