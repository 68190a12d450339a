// TCP's own counts, and that they and a capture of the same packets agree.
#include "../../tools/duplex/bench/socket_meter.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <functional>
#include <memory>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include "../../tools/duplex/bench/wire_tap.h"
#include "child.h"

namespace duplex::tools {
namespace {

constexpr double header = 14 + 20 + 32;

// Two events of 22 bytes to a client that asked once, with 100 bytes.
constexpr TcpCounts two_events = {.packets_out = 5,
                                  .packets_in = 3,
                                  .data_packets_out = 1,
                                  .data_packets_in = 2,
                                  .bytes_out = 100,
                                  .bytes_in = 44};

TEST(WireBytesOf, AddsHeadersToWhatTcpCounts) {
  const WireBytes bytes = wire_bytes_of(two_events, false);
  EXPECT_EQ(bytes.content, 144);
  EXPECT_EQ(bytes.packet_headers, 3 * header + 2 * (header + 8));
  EXPECT_EQ(bytes.acknowledgements, 3 * header);
  EXPECT_EQ(bytes.packets, 8);
  EXPECT_EQ(bytes.total(), 144 + 8 * header + 16);
}

TEST(WireBytesOf, ClosingAddsWhatCannotBeAskedAnyMore) {
  const double open = wire_bytes_of(two_events, false).total();
  const WireBytes first = wire_bytes_of(two_events, true);  // both FINs, and the last word
  EXPECT_EQ(first.total(), open + 3 * header);
  EXPECT_EQ(first.packets, 11);
  TcpCounts ended = two_events;
  ended.peer_ended = true;
  ended.packets_in += 1;
  EXPECT_EQ(wire_bytes_of(ended, false).total(), open + header);
  EXPECT_EQ(wire_bytes_of(ended, true).total(), open + 3 * header);
}

TEST(WireBytesOf, WhatIsSentAgainIsNoContent) {
  TcpCounts counts = two_events;
  counts.packets_out += 1;
  counts.data_packets_out += 1;
  counts.packets_again = 1;
  counts.bytes_out += 100;
  counts.bytes_again = 100;
  const WireBytes bytes = wire_bytes_of(counts, false);
  EXPECT_EQ(bytes.content, 144);
  EXPECT_EQ(bytes.sent_again, header + 100);
  EXPECT_EQ(bytes.packets, 9);
}

TEST(WireBytesOf, KnowsIpv6AndDoesWithoutTimestamps) {
  TcpCounts counts = two_events;
  const double usual = wire_bytes_of(counts, false).total();
  counts.ipv6 = true;
  EXPECT_EQ(wire_bytes_of(counts, false).total(), usual + 8 * 20);
  counts.has_timestamps = false;
  EXPECT_EQ(wire_bytes_of(counts, false).total(), usual + 8 * 8);
}

// A connection over loopback whose two ends a test holds.
class Line {
 public:
  Line() {
    net::Address address = *net::Address::parse("127.0.0.1", 0);
    listener_ = kernel.socket(net::AddressFamily::ipv4);
    EXPECT_EQ(kernel.bind(listener_, address), 0);
    EXPECT_EQ(kernel.listen(listener_, 8), 0);
    EXPECT_EQ(kernel.local_address(listener_, here), 0);
  }
  ~Line() { kernel.close(listener_); }

  void open() {
    client = kernel.socket(net::AddressFamily::ipv4);
    kernel.connect(client, here);
    do server = kernel.accept(listener_, nullptr);
    while (server == -EAGAIN);
  }
  void say(int from, int to, std::string_view text) {
    const Bytes bytes = as_bytes(text);
    EXPECT_EQ(kernel.writev(from, {&bytes, 1}), static_cast<std::ptrdiff_t>(text.size()));
    std::array<std::byte, 4096> buffer;
    std::size_t got = 0;
    while (got < text.size()) {
      const std::ptrdiff_t size = kernel.recv(to, buffer);
      if (size != -EAGAIN) got += static_cast<std::size_t>(size);
    }
  }

  SocketMeter meter;
  MeteredKernel kernel{&meter};
  net::Address here;
  int client = -1;
  int server = -1;

 private:
  int listener_ = -1;
};

bool comes_true(const std::function<bool()>& condition) {
  const auto limit = net::Clock::now() + std::chrono::seconds(5);
  while (!condition() && net::Clock::now() < limit) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return condition();
}

// An acknowledgement may be on its way, or wait for company: what both say now is what was
// captured.
void expect_same(SocketMeter& meter, CaptureWatch& capture) {
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  meter.end_block();
  capture.end_block();
  ASSERT_TRUE(comes_true([&capture] { return capture.has_counted(); }));
  const WireBytes counted = *meter.block();
  const WireBytes captured = *capture.block();
  EXPECT_EQ(counted.content, captured.content + captured.heads);
  EXPECT_EQ(counted.packet_headers, captured.packet_headers);
  EXPECT_EQ(counted.acknowledgements, captured.acknowledgements);
  EXPECT_EQ(counted.packets, captured.packets);
  EXPECT_EQ(counted.total(), captured.total());
}

// Null where that is not allowed.
std::unique_ptr<CaptureWatch> capture_on(const Line& line) {
  try {
    return std::make_unique<CaptureWatch>(std::vector{line.here});
  } catch (const std::system_error&) {
    return nullptr;
  }
}

TEST(SocketMeter, AgreesWithACaptureOfTheSamePackets) {
  Line line;
  const auto capture = capture_on(line);
  if (capture == nullptr) GTEST_SKIP() << "capturing is not allowed";
  EXPECT_EQ(capture->source(), "AF_PACKET on lo");
  line.meter.begin_block();
  capture->begin_block();
  line.open();
  for (int i = 0; i < 3; ++i) {
    line.say(line.client, line.server, "GET / HTTP/1.1\r\n\r\n");
    line.say(line.server, line.client, "HTTP/1.1 200 OK\r\n\r\nevent");
  }
  expect_same(line.meter, *capture);
  const WireBytes captured = *capture->block();
  EXPECT_EQ(captured.heads, 3 * (18 + 19));
  EXPECT_EQ(captured.content, 3 * 5);
  EXPECT_EQ(captured.packet_headers, 6 * header + 2 * (header + 8));
  // Who ends first, and the other one.
  line.meter.begin_block();
  capture->begin_block();
  line.kernel.shutdown_write(line.server);
  std::array<std::byte, 8> buffer;
  while (line.kernel.recv(line.client, buffer) == -EAGAIN) {
  }
  line.kernel.close(line.client);
  line.kernel.close(line.server);
  expect_same(line.meter, *capture);
  EXPECT_EQ(capture->block()->packet_headers, 2 * header);
}

// However late the capture reads it.
TEST(CaptureWatch, CountsWhatWasSentWithinTheBlock) {
  Line line;
  const auto capture = capture_on(line);
  if (capture == nullptr) GTEST_SKIP() << "capturing is not allowed";
  // The kernel begins to stamp packets a little after it was asked to.
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  line.open();
  line.say(line.server, line.client, "before");
  capture->begin_block();
  EXPECT_FALSE(capture->has_counted());
  EXPECT_FALSE(capture->block());
  line.say(line.server, line.client, "within the block");
  capture->end_block();
  line.say(line.server, line.client, "after it");
  ASSERT_TRUE(comes_true([&capture] { return capture->has_counted(); }));
  EXPECT_EQ(capture->block()->content, 16);
  line.kernel.close(line.client);
  line.kernel.close(line.server);
}

TEST(WireTap, SaysWhoCounts) {
  MeteredKernel kernel;
  WireTap tap("tcp-info", kernel, {"127.0.0.1:9"});
  EXPECT_EQ(tap.source(), "TCP_INFO of the clients' sockets");
  EXPECT_NE(dynamic_cast<SocketMeter*>(&tap.watch()), nullptr);
}

// Whoever runs this: nobody may not capture.
TEST(WireTap, SaysWhyThereIsNoCapture) {
  const Child child([] {
    if (setresgid(65534, 65534, 65534) == 0 && setresuid(65534, 65534, 65534) != 0) _exit(9);
    MeteredKernel kernel;
    WireTap tap("auto", kernel, {"127.0.0.1:9"});
    const bool told =
        tap.source() == "TCP_INFO of the clients' sockets (AF_PACKET: Operation not permitted)";
    if (!told) return ExitCode::usage;
    try {
      const WireTap capture("capture", kernel, {"127.0.0.1:9"});
    } catch (const std::system_error& error) {
      return error.code().value() == EPERM ? ExitCode::ok : ExitCode::protocol_violation;
    }
    return ExitCode::inconclusive;
  });
  EXPECT_EQ(child.wait(), 0);
}

TEST(SocketMeter, DoesNotCountTheOwnQuestion) {
  Line line;
  line.meter.begin_block();
  line.open();
  line.meter.end_block();
  EXPECT_GT(line.meter.block()->packets, 2);
  line.say(line.client, line.server, "GET /metrics HTTP/1.1\r\n\r\n");
  line.meter.end_block();
  EXPECT_EQ(line.meter.block()->packets, 0);
  line.kernel.close(line.client);
  line.meter.end_block();
  EXPECT_EQ(line.meter.block()->packets, 0);
  line.kernel.close(line.server);
}

}  // namespace
}  // namespace duplex::tools
