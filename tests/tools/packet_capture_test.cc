// Packets of this machine's loopback, where capturing is allowed.
#include "../../tools/duplex/capture/packet_capture.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <system_error>
#include <thread>
#include <vector>

#include "duplex/net/linux_kernel.h"

namespace duplex::tools::trace {
namespace {

using namespace std::chrono_literals;

class PacketCaptures : public testing::Test {
 protected:
  // A port that is bound, and refuses everybody, as nobody listens.
  void SetUp() override {
    ASSERT_EQ(kernel_.bind(closed_, *net::Address::parse("127.0.0.1", 0)), 0);
    ASSERT_EQ(kernel_.local_address(closed_, port_), 0);
    try {
      capture_ = std::make_unique<PacketCapture>(place_of("lo"), port_.port());
    } catch (const std::system_error& error) {
      GTEST_SKIP() << error.what();
    }
  }
  ~PacketCaptures() override { kernel_.close(closed_); }

  net::LinuxKernel kernel_;
  int closed_ = kernel_.socket(net::AddressFamily::ipv4);
  net::Address port_;
  std::unique_ptr<PacketCapture> capture_;
};

// Long before it is read: the kernel stamps packets only once it has turned that on.
TEST_F(PacketCaptures, HaveTheTimeWhenTheyPassedFromTheFirstOneOn) {
  const int client = kernel_.socket(net::AddressFamily::ipv4);
  kernel_.connect(client, port_);
  const auto refused = std::chrono::system_clock::now().time_since_epoch();
  std::this_thread::sleep_for(5ms);
  std::vector<CapturedPacket> packets;
  while (packets.size() < 2 && capture_->read(5s, packets)) {
  }
  kernel_.close(client);
  ASSERT_EQ(packets.size(), 2U);  // SYN, RST
  EXPECT_LE(packets[0].time, refused);
  EXPECT_LE(packets[1].time, refused);
  EXPECT_LE(packets[0].time, packets[1].time);
}

}  // namespace
}  // namespace duplex::tools::trace
