// The floor under every transport: the feed's lines pushed over plain TCP, without any protocol.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>
#include <thread>
#include <vector>

#include "../poll_set.h"
#include "duplex/duplex.h"
#include "duplex/net/linux_kernel.h"

namespace duplex::tools {

// Accepts on a thread of its own, which rests otherwise; writes on the loop's thread.
class TcpPush {
 public:
  // Throws std::system_error. Port 0: the kernel picks one.
  TcpPush(EventLoop& loop, std::string_view host, std::uint16_t port);
  ~TcpPush();
  TcpPush(const TcpPush&) = delete;
  TcpPush& operator=(const TcpPush&) = delete;

  // Sends to everybody. Who cannot take it at once is dropped: a floor does not queue.
  void push(std::string_view text);
  const net::Address& address() const noexcept { return address_; }
  std::uint64_t bytes_sent() const noexcept { return bytes_sent_; }
  std::uint64_t message_count() const noexcept { return message_count_; }

 private:
  void accept_until_stopped();

  EventLoop& loop_;
  net::LinuxKernel accept_kernel_;  // of the accepting thread
  net::Address address_;
  int listener_ = -1;
  PollSet poll_;
  std::vector<int> peers_;
  std::uint64_t bytes_sent_ = 0;
  std::uint64_t message_count_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace duplex::tools
