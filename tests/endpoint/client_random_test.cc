// A client whose system has no random bytes left: RFC 6455 section 10.3 leaves it nothing to mask
// with, so what it must send ends the connection instead.
#include <gtest/gtest.h>

#include <cerrno>
#include <system_error>

#include "../support/simulated.h"

namespace duplex {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class WithoutRandomBytes : public testing::Test {
 protected:
  WithoutRandomBytes() : client_(world_.client_side.loop) {
    world_.server->websocket(
        "/ws", {.on_open = [this](Connection& peer, const auto&) { at_server_ = peer.id(); }});
    at_client_ = client_.connect("ws://127.0.0.1:80/ws",
                                 {.websocket = {.on_close = [this](Connection&, const auto& event) {
                                    ++closed_;
                                    error_ = event.error;
                                  }}});
    world_.runner.run_for(milliseconds(10));
    use_up_keys();
  }

  // Keys are fetched in batches.
  void use_up_keys() {
    world_.client_side.kernel.faults().fail_call(net::Call::random, 1, EIO,
                                                 simulation::Repeat::for_ever);
    const auto send_all = [this] {
      while (true) client_.find(at_client_)->send_text("x");
    };
    EXPECT_THROW(send_all(), std::system_error);
    world_.runner.run_for(milliseconds(10));
  }

  support::SimulatedServer world_;
  Client client_;
  ConnectionId at_server_;
  ConnectionId at_client_;
  int closed_ = 0;
  std::error_code error_;
};

TEST_F(WithoutRandomBytes, R64APingThatCannotBeAnsweredEndsIt) {
  world_.server->find(at_server_)->ping();
  world_.runner.run_for(milliseconds(10));
  EXPECT_EQ(closed_, 1);
  EXPECT_EQ(error_, std::errc::io_error);
  EXPECT_EQ(client_.connection_count(), 0U);
}

// There is no weaker source to fall back to: what cannot be masked is not sent.
TEST_F(WithoutRandomBytes, R64NothingIsOpenedWithAWeakKey) {
  world_.client_side.kernel.faults().clear();
  for (const int error : {ENOSYS, EAGAIN}) {
    world_.client_side.kernel.faults().fail_call(net::Call::random, 1, error,
                                                 simulation::Repeat::for_ever);
    std::error_code reason;
    Client fresh(world_.client_side.loop);
    fresh.connect("ws://127.0.0.1:80/ws",
                  {.on_failure = [&](const OpeningFailure& failure) { reason = failure.error; }});
    world_.runner.run_for(milliseconds(10));
    EXPECT_EQ(reason.value(), error);
    EXPECT_EQ(fresh.connection_count(), 0U);
    world_.client_side.kernel.faults().clear();
  }
}

TEST_F(WithoutRandomBytes, R64APingThatCannotBeSentEndsIt) {
  for (const auto& link : world_.world.links()) link->block();
  world_.runner.run_for(seconds(26));
  EXPECT_EQ(closed_, 1);
  EXPECT_EQ(error_, std::errc::io_error);
  EXPECT_EQ(client_.connection_count(), 0U);
}

}  // namespace
}  // namespace duplex
