// Peers in thousands: who says nothing, who waits to be accepted, who comes and goes.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../support/sanitized.h"
#include "../support/wire.h"
#include "metered_process.h"
#include "websocket_flow.h"

namespace duplex {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::client_frame;
using support::RawPeer;

constexpr std::uint16_t port = 8080;

// Peers of bare bytes, all in one process, which costs less than a RawPeer for each.
class PeerProcess {
 public:
  explicit PeerProcess(support::SimulatedServer& world) : kernel_(world.world, {.name = "peers"}) {}

  int connect() {
    const int fd = kernel_.socket(net::AddressFamily::ipv4);
    EXPECT_EQ(kernel_.connect(fd, *net::Address::parse("127.0.0.1", port)), -EINPROGRESS);
    return fd;
  }
  void send(int fd, std::string_view text) {
    const Bytes piece = as_bytes(text);
    EXPECT_EQ(kernel_.writev(fd, {&piece, 1}), static_cast<std::ptrdiff_t>(text.size()));
  }
  // What has arrived; nothing where the server has not said more, or has ended the connection.
  std::string_view receive(int fd) {
    const auto count = kernel_.recv(fd, buffer_);
    ended_ = count == 0;
    return as_text(
        Bytes(buffer_).first(static_cast<std::size_t>(std::max<std::ptrdiff_t>(count, 0))));
  }
  bool is_ended(int fd) { return receive(fd).empty() && ended_; }
  void reset(int fd) {
    kernel_.set_option(fd, net::SocketOption::linger_reset, 1);
    close(fd);
  }
  void close(int fd) { kernel_.close(fd); }

 private:
  simulation::Kernel kernel_;
  std::array<std::byte, 1024> buffer_ = {};
  bool ended_ = false;
};

// A server whose memory is counted, and nobody else's.
class Crowds : public testing::Test {
 protected:
  void serve(ServerOptions options) {
    options.port = port;
    process_.run([&] {
      server_.emplace(process_.loop, std::move(options));
      server_->websocket("/ws",
                         {.on_message = [this](Connection&, const Message&) { ++messages_; }});
    });
  }
  std::uint64_t connections() const { return server_->stats().connections; }
  std::size_t descriptors() const { return process_.kernel.descriptor_count(); }
  // No timer is armed: nothing but a peer could wake the server.
  bool sleeps_for_ever() {
    world_.runner.settle();
    return !process_.kernel.wake_up_time();
  }

  support::SimulatedServer world_;
  PeerProcess peers_{world_};
  MeteredProcess process_{world_, "metered server"};
  std::optional<Server> server_;
  std::size_t messages_ = 0;
};

TEST_F(Crowds, T17TenThousandWhoSayNothingCostLittleAndAreGoneAfterTheHeadDeadline) {
  constexpr std::size_t count = 10'000;
  constexpr std::size_t allowed = 2048;  // bytes for each
  serve({});
  const std::size_t idle_descriptors = descriptors();
  const std::size_t idle_size = process_.meter.size();
  process_.meter.take_peak();
  std::vector<int> silent;
  while (silent.size() < count) {
    for (int i = 0; i < 2000; ++i) silent.push_back(peers_.connect());
    world_.runner.run_for(milliseconds(5));
  }
  EXPECT_EQ(connections(), count);
  EXPECT_GE(process_.meter.size(), idle_size + 100 * count) << "not metered";
  EXPECT_LE(process_.meter.take_peak(), idle_size + allowed * count);
  world_.runner.run_for(milliseconds(9'950));
  EXPECT_EQ(connections(), count);
  world_.runner.run_for(milliseconds(100));
  EXPECT_EQ(connections(), 0U);
  EXPECT_LE(process_.meter.take_peak(), idle_size + allowed * count);
  for (const int fd : silent) ASSERT_TRUE(peers_.is_ended(fd));
  EXPECT_EQ(descriptors(), idle_descriptors);
  EXPECT_TRUE(sleeps_for_ever());
}

// They are all there at the same instant, and so are messages of somebody who came before them.
TEST_F(Crowds, R08TenThousandWhoWaitAreAcceptedBetweenTheTurnsOfOthers) {
  constexpr int count = 10'000;
  constexpr std::uint64_t most_accepts = 64;
  constexpr std::size_t budget = 64;
  constexpr std::size_t turns = 157;  // that 10,000 take
  serve({.backlog = count, .max_events_per_turn = budget});
  RawPeer busy(world_, port);
  busy.send(support::opening_request("/ws"));
  busy.run_for(milliseconds(5));
  const std::string burst = support::repeated(client_frame(0x82, ""), turns * budget);
  for (int i = 0; i < count; ++i) peers_.connect();
  world_.runner.run_for(milliseconds(2));  // a connection takes three, a message one
  ASSERT_EQ(busy.offer(burst), burst.size());
  int shared_rounds = 0;
  world_.runner.on_round([&, accepted = std::uint64_t{1}, served = std::size_t{0}]() mutable {
    const auto all_accepted = server_->stats().accepted;
    const auto accepts = all_accepted - std::exchange(accepted, all_accepted);
    const std::size_t messages = messages_ - std::exchange(served, messages_);
    EXPECT_LE(accepts, most_accepts);
    EXPECT_LE(messages, budget);
    if (accepts > 0 && messages > 0) ++shared_rounds;
  });
  world_.runner.run_for(milliseconds(5));
  world_.runner.on_round({});
  EXPECT_EQ(server_->stats().accepted, 1U + count);
  EXPECT_EQ(messages_, turns * budget);
  EXPECT_GE(shared_rounds, turns - 1);
}

// Peers that come, open a WebSocket, say something and go, 5,000 a second. One of three says Close,
// one resets, one just leaves.
class Visits : public Crowds {
 protected:
  using Batch = std::vector<int>;

  void visit(int count) {
    constexpr int each_millisecond = 5;
    for (; count > 0; count -= each_millisecond) {
      Batch batch;
      while (batch.size() < each_millisecond) batch.push_back(peers_.connect());
      step(std::move(batch));
    }
    for (std::size_t i = 0; i < under_way_.size(); ++i) step({});
    world_.runner.run_for(milliseconds(5));
  }
  // A millisecond, in which `batch` comes and those before it go on: there and back are two.
  void step(Batch batch) {
    under_way_.push_front(std::move(batch));
    world_.runner.run_for(milliseconds(1));
    most_ = std::max(most_, connections());
    for (const int fd : under_way_[3]) peers_.send(fd, greeting_);
    std::erase_if(under_way_[6], [this](int fd) { return leave(fd); });
    for (const int fd : under_way_[9]) peers_.close(fd);
    under_way_.pop_back();
  }
  // False: it waits until the server closes.
  bool leave(int fd) {
    EXPECT_TRUE(peers_.receive(fd).starts_with("HTTP/1.1 101 "));
    const std::size_t kind = ++visits_ % 3;
    if (kind == 0) peers_.reset(fd);
    if (kind == 1) peers_.close(fd);
    if (kind == 2) peers_.send(fd, client_frame(0x88, support::close_payload(1000)));
    return kind != 2;
  }

  std::deque<Batch> under_way_{9};  // by age in milliseconds
  std::size_t visits_ = 0;
  std::uint64_t most_ = 0;  // connections at once
  const std::string greeting_ = support::opening_request("/ws") + client_frame(0x81, "hello");
};

// A minute of them (under a sanitizer six seconds), at whose end the server holds what it held
// before, to the byte.
TEST_F(Visits, T23AFlowOfVisitorsLeavesNothingBehind) {
  constexpr int count = support::sanitized ? 30'000 : 300'000;
  serve({});
  visit(1000);
  world_.runner.run_for(seconds(70));
  ASSERT_TRUE(sleeps_for_ever());
  const std::size_t idle_descriptors = descriptors();
  const std::size_t idle_size = process_.meter.size();
  visit(count);
  EXPECT_EQ(visits_, 1000U + count);
  EXPECT_EQ(messages_, visits_);
  EXPECT_LE(most_, 100U) << "who has left is still there";
  EXPECT_TRUE(sleeps_for_ever());
  EXPECT_EQ(connections(), 0U);
  EXPECT_EQ(server_->stats().websockets, 0U);
  EXPECT_EQ(descriptors(), idle_descriptors);
  EXPECT_EQ(process_.meter.size(), idle_size);
}

}  // namespace
}  // namespace duplex
