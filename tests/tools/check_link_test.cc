// What the engines of the suite wait for: nothing that cannot be taken is told of again and again.
#include <gtest/gtest.h>

#include <cerrno>
#include <optional>

#include "../../tools/duplex/check/acceptor.h"
#include "../../tools/duplex/check/link.h"
#include "simulation/kernel.h"
#include "simulation/runner.h"
#include "simulation/world.h"

namespace duplex::tools::suite {
namespace {

using namespace std::chrono_literals;

class CheckLinkTest : public testing::Test {
 protected:
  int connect() {
    const int fd = client_.socket(net::AddressFamily::ipv4);
    client_.connect(fd, address_);
    runner_.run_for(1ms);
    return fd;
  }
  std::optional<int> take() { return acceptor_.take(server_.now()); }
  std::size_t ready_count() { return polls_.wait(0ns).size(); }

  simulation::World world_;
  simulation::Kernel server_{world_, {.name = "server"}};
  simulation::Kernel client_{world_, {.name = "client"}};
  simulation::Runner runner_{world_};
  net::Address address_ = *net::Address::parse("127.0.0.1", 80);
  PollSet polls_{server_};
  Acceptor acceptor_{server_, polls_, address_, 1};
};

TEST_F(CheckLinkTest, ASilentClientIsNoNews) {
  connect();
  Link link(server_, polls_, take().value(), 2, Link::Begin::open);
  EXPECT_EQ(ready_count(), 0U);
}

TEST_F(CheckLinkTest, AConnectionThatHasEndedIsNoNews) {
  const int fd = connect();
  Link link(server_, polls_, take().value(), 2, Link::Begin::open);
  client_.reset_connection(fd);
  runner_.run_for(1ms);
  ASSERT_EQ(ready_count(), 1U);
  link.ready(net::Ready::in, server_.now());
  EXPECT_TRUE(link.ended());
  EXPECT_EQ(ready_count(), 0U);
}

TEST_F(CheckLinkTest, AnAddressInUseIsNamed) {
  try {
    listen_on(server_, address_);
    FAIL() << "twice on one port";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.what(), std::string("cannot listen on 127.0.0.1:80: Address already in use"));
  }
}

TEST_F(CheckLinkTest, WithoutADescriptorItRestsAndTriesAgain) {
  connect();
  server_.faults().fail_call(net::Call::accept, 1, EMFILE);
  EXPECT_EQ(ready_count(), 1U);
  EXPECT_FALSE(take());
  EXPECT_EQ(ready_count(), 0U);
  EXPECT_FALSE(take()) << "it pauses";
  runner_.run_for(1s);
  EXPECT_LE(acceptor_.resume_at().value(), server_.now());
  acceptor_.resume(server_.now());
  EXPECT_EQ(ready_count(), 1U);
  EXPECT_TRUE(take());
}

TEST_F(CheckLinkTest, AClientThatHasGoneBeforeItsTurnIsPassedOver) {
  connect();
  connect();
  server_.faults().fail_call(net::Call::accept, 1, ECONNABORTED);
  EXPECT_TRUE(take());
  EXPECT_FALSE(acceptor_.resume_at());
}

}  // namespace
}  // namespace duplex::tools::suite
