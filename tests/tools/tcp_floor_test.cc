// The floor under every transport: plain TCP, in the same loops as the others.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "../../tools/duplex/bench/report.h"
#include "../../tools/duplex/bench/tcp_arm.h"
#include "../../tools/duplex/feed_event.h"
#include "../../tools/duplex/serve/tcp_push.h"
#include "simulated_bench.h"
#include "simulation/runner.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

// In virtual time nothing but the way is left: a thread, or a task that is posted, would show.
TEST(TcpFloor, IsAsLateAsTheWayIsLong) {
  BenchOptions options = options_of({"tcp"});
  options.duration = 60s;
  const BenchReport report = make_report(SimulatedBench(options).run());
  const ArmReport& tcp = *report.find("tcp");
  EXPECT_GT(tcp.delivery_count, 100U);
  EXPECT_EQ(tcp.missing + tcp.duplicates, 0U);
  EXPECT_NEAR(tcp.mean, 0.02, 1e-6);
  EXPECT_NEAR(tcp.mean, report.find("ws")->mean, 1e-9);
}

// Of a large one, too, which is more than one reading.
TEST(TcpFloor, CostsTheBytesOfItsLines) {
  BenchOptions options = options_of({"tcp"});
  options.duration = 60s;
  options.poisson = false;
  options.rate = 1;
  for (const std::uint64_t size : {64U, 400'000U}) {
    options.event_size = size;
    const BenchReport report = make_report(SimulatedBench(options).run());
    EXPECT_EQ(report.find("tcp")->per_delivery.bytes, static_cast<double>(size + 1));
    EXPECT_EQ(report.find("tcp")->missing, 0U);
  }
}

TEST(TcpFloor, DropsWhoReadsNothingAndServesTheOthers) {
  simulation::World world;
  simulation::Kernel server_kernel(world);
  simulation::Kernel client_kernel(world);
  EventLoop loop(server_kernel);
  simulation::Runner runner(world);
  runner.add(loop);
  TcpPush push(loop, "127.0.0.1", 81);
  const std::array<int, 2> clients = {client_kernel.socket(net::AddressFamily::ipv4),
                                      client_kernel.socket(net::AddressFamily::ipv4)};
  for (const int fd : clients) client_kernel.connect(fd, push.address());
  runner.run_for(1s);
  EXPECT_EQ(push.peer_count(), 2U);
  const std::string text(100'000, 'x');
  std::size_t received = 0;
  std::vector<std::byte> buffer(1 << 20);
  constexpr std::size_t messages = 200;  // 20 MB: more than any socket's buffer
  for (std::size_t i = 0; i < messages; ++i) {
    push.push(text);
    runner.run_for(10ms);
    for (std::ptrdiff_t size = 1; size > 0;) {
      size = client_kernel.recv(clients[0], buffer);
      if (size > 0) received += static_cast<std::size_t>(size);
    }
  }
  push.push(text);
  EXPECT_EQ(push.peer_count(), 1U);
  EXPECT_EQ(received, messages * text.size());
}

TEST(TcpFloor, TakesNoLineLongerThanTheLargestEvent) {
  simulation::World world;
  simulation::Kernel kernel(world);
  EventLoop loop(kernel);
  simulation::Runner runner(world);
  runner.add(loop);
  TcpPush push(loop, "127.0.0.1", 81);
  std::vector<std::size_t> lines;
  std::string failure;
  const auto deliver = [&lines](std::size_t, std::string_view line, auto) {
    lines.push_back(line.size());
  };
  const auto fail = [&failure](const std::string& why) { failure = why; };
  const TcpArm arm(loop, {.tcp = "127.0.0.1:81", .client_count = 1},
                   {.deliver = deliver, .fail = fail});
  runner.run_for(1s);
  push.push(std::string(max_event_size, 'x'));
  runner.run_for(1s);
  push.push("\n");
  runner.run_for(1s);
  EXPECT_EQ(lines, std::vector<std::size_t>{max_event_size});
  EXPECT_EQ(failure, "");
  push.push(std::string(max_event_size + 1, 'x'));
  runner.run_for(1s);
  EXPECT_EQ(failure, "plain TCP: a line of more than 524288 B, the largest event");
}

// Who has left is forgotten with the next one that comes, though nothing is pushed.
TEST(TcpFloor, ForgetsWhoHasLeft) {
  simulation::World world;
  simulation::Kernel server_kernel(world);
  simulation::Kernel client_kernel(world);
  EventLoop loop(server_kernel);
  simulation::Runner runner(world);
  runner.add(loop);
  TcpPush push(loop, "127.0.0.1", 81);
  for (int i = 0; i < 10; ++i) {
    const int fd = client_kernel.socket(net::AddressFamily::ipv4);
    client_kernel.connect(fd, push.address());
    runner.run_for(1s);
    client_kernel.close(fd);
    runner.run_for(1s);
    EXPECT_EQ(push.peer_count(), 1U);
  }
}

}  // namespace
}  // namespace duplex::tools
