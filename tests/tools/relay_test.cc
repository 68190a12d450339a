// The delaying relay, in virtual time: everything arrives, in order, and late by the delay.
#include "../../tools/duplex/bench/relay.h"

#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <optional>
#include <string>

#include "simulation/kernel.h"
#include "simulation/runner.h"
#include "simulation/world.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

// A server, a client and the relay between them; the wires themselves take no time.
class RelayTest : public testing::Test {
 protected:
  RelayTest() {
    net::Address server_address = address(80);
    listener_ = listen_on(server_, server_address);
    relay_.emplace(relay_kernel_, 20ms);
    relay_address_ = relay_->forward(address(0), server_address);
    runner_.add(relay_kernel_, [this](std::chrono::nanoseconds wait) {
      relay_->turn(wait);
      return true;
    });
  }

  static net::Address address(std::uint16_t port) {
    return *net::Address::parse("127.0.0.1", port);
  }
  void connect() {
    client_fd_ = client_.socket(net::AddressFamily::ipv4);
    client_.connect(client_fd_, relay_address_);
    runner_.run_for(1ms);
    server_fd_ = server_.accept(listener_, nullptr);
    ASSERT_GE(server_fd_, 0);
  }
  static std::ptrdiff_t send(simulation::Kernel& kernel, int fd, const std::string& text) {
    const std::array<Bytes, 1> pieces = {as_bytes(text)};
    return kernel.writev(fd, pieces);
  }
  // What is there to read; "<end>" at the end of the stream.
  static std::string read(simulation::Kernel& kernel, int fd) {
    std::string text;
    std::vector<std::byte> buffer(65536);
    for (;;) {
      const std::ptrdiff_t size = kernel.recv(fd, buffer);
      if (size == 0) return text + "<end>";
      if (size < 0) return text;
      text += as_text(Bytes(buffer).first(static_cast<std::size_t>(size)));
    }
  }

  simulation::World world_;
  simulation::Kernel server_{world_, {.name = "server"}};
  simulation::Kernel client_{world_, {.name = "client"}};
  simulation::Kernel relay_kernel_{world_, {.name = "relay"}};
  simulation::Runner runner_{world_};
  std::optional<Relay> relay_;
  net::Address relay_address_;
  int listener_ = -1;
  int client_fd_ = -1;
  int server_fd_ = -1;
};

TEST_F(RelayTest, HoldsBytesBackBothWays) {
  connect();
  send(client_, client_fd_, "ping");
  runner_.run_for(19ms);
  EXPECT_EQ(read(server_, server_fd_), "");
  runner_.run_for(1ms);
  EXPECT_EQ(read(server_, server_fd_), "ping");
  send(server_, server_fd_, "pong");
  runner_.run_for(19ms);
  EXPECT_EQ(read(client_, client_fd_), "");
  runner_.run_for(1ms);
  EXPECT_EQ(read(client_, client_fd_), "pong");
}

TEST_F(RelayTest, KeepsWhatIsUnderWayInOrder) {
  connect();
  for (int i = 0; i < 10; ++i) {
    send(client_, client_fd_, std::to_string(i));
    runner_.run_for(3ms);
  }
  EXPECT_EQ(read(server_, server_fd_), "0123");
  runner_.run_for(20ms);
  EXPECT_EQ(read(server_, server_fd_), "456789");
}

TEST_F(RelayTest, HoldsTheEndBackToo) {
  connect();
  send(client_, client_fd_, "last");
  client_.shutdown_write(client_fd_);
  runner_.run_for(19ms);
  EXPECT_EQ(read(server_, server_fd_), "");
  runner_.run_for(1ms);
  EXPECT_EQ(read(server_, server_fd_), "last<end>");
  send(server_, server_fd_, "bye");
  server_.close(server_fd_);
  runner_.run_for(25ms);
  EXPECT_EQ(read(client_, client_fd_), "bye<end>");
  EXPECT_EQ(relay_->link_count(), 0U);
}

TEST_F(RelayTest, ForgetsALinkWhoseClientHasGone) {
  connect();
  client_.close(client_fd_);
  runner_.run_for(25ms);
  EXPECT_EQ(read(server_, server_fd_), "<end>");
  server_.close(server_fd_);
  runner_.run_for(25ms);
  EXPECT_EQ(relay_->link_count(), 0U);
}

TEST_F(RelayTest, ForgetsALinkThatWasReset) {
  connect();
  client_.reset_connection(client_fd_);
  runner_.run_for(25ms);
  server_.close(server_fd_);
  runner_.run_for(25ms);
  EXPECT_EQ(relay_->link_count(), 0U);
}

TEST_F(RelayTest, CountsWhatItHasCarriedAndWhatIsOnTheWay) {
  connect();
  send(client_, client_fd_, "ping");
  send(server_, server_fd_, "welcome");
  runner_.run_for(20ms);
  send(client_, client_fd_, "more");
  runner_.run_for(10ms);
  const RelayCounters now = relay_->counters();
  EXPECT_EQ(now.connections, 1U);
  EXPECT_EQ(now.up.bytes_in, 8U);
  EXPECT_EQ(now.up.bytes_out, 4U);
  EXPECT_EQ(now.up.on_the_way, 4U);
  EXPECT_EQ(now.up.cut(), 0U);
  EXPECT_EQ(now.down.bytes_in, 7U);
  EXPECT_EQ(now.down.bytes_out, 7U);
  EXPECT_EQ(now.up.latest, 0ns) << "in virtual time nothing is late";
}

TEST_F(RelayTest, CountsWhatABrokenConnectionHasCut) {
  connect();
  send(client_, client_fd_, "ping");
  runner_.run_for(10ms);
  send(client_, client_fd_, "more");
  server_.reset_connection(server_fd_);
  runner_.run_for(100ms);
  client_.close(client_fd_);
  runner_.run_for(100ms);
  EXPECT_EQ(relay_->link_count(), 0U);
  const RelayDirection up = relay_->counters().up;
  EXPECT_EQ(up.on_the_way, 0U);
  EXPECT_EQ(up.bytes_in, 8U);
  EXPECT_EQ(up.cut(), 8U);
}

// Such as that of a poll whose answer nobody waits for any more.
TEST_F(RelayTest, HoldsAResetBackAndPassesItOn) {
  connect();
  client_.set_option(client_fd_, net::SocketOption::linger_reset, 1);
  client_.close(client_fd_);
  std::array<std::byte, 8> buffer = {};
  runner_.run_for(19ms);
  EXPECT_EQ(server_.recv(server_fd_, buffer), -EAGAIN);
  runner_.run_for(1ms);
  EXPECT_EQ(server_.recv(server_fd_, buffer), -ECONNRESET);
  EXPECT_EQ(relay_->link_count(), 0U);
}

TEST_F(RelayTest, StopsReadingWhenNothingGoesOut) {
  connect();
  const std::string block(64 * 1024, 'x');
  std::size_t sent = 0;
  for (int i = 0; i < 200; ++i) {
    const std::ptrdiff_t size = send(client_, client_fd_, block);
    if (size > 0) sent += static_cast<std::size_t>(size);
    runner_.run_for(1ms);
  }
  // What the relay holds and what the sockets' buffers do; not all of the 12.5 MiB offered.
  EXPECT_GT(sent, std::size_t{4} << 20);
  EXPECT_LT(sent, std::size_t{6} << 20);
  std::size_t received = 0;
  for (int i = 0; i < 2000 && received < sent; ++i) {
    received += read(server_, server_fd_).size();
    runner_.run_for(1ms);
  }
  EXPECT_EQ(received, sent);
}

TEST_F(RelayTest, DropsAClientWhoseTargetIsNotThere) {
  server_.close(listener_);
  client_fd_ = client_.socket(net::AddressFamily::ipv4);
  client_.connect(client_fd_, relay_address_);
  runner_.run_for(100ms);
  EXPECT_TRUE(read(client_, client_fd_).ends_with("<end>") ||
              client_.socket_error(client_fd_) != 0);
  client_.close(client_fd_);
  runner_.run_for(100ms);
  EXPECT_EQ(relay_->link_count(), 0U);
}

}  // namespace
}  // namespace duplex::tools
