// The floor under every transport: the feed's lines pushed over plain TCP, without any protocol.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "duplex/duplex.h"
#include "net/listener.h"

namespace duplex::tools {

// In the server's own loop, on the streams that its other connections have: what is pushed in a
// turn is written at its end. Owner and thread: those of the loop.
class TcpPush final : private net::ListenerOwner {
 public:
  // Bytes that wait for one peer; who lets more wait is dropped.
  static constexpr std::size_t send_limit = std::size_t{1} << 20;

  // Throws std::system_error. Port 0: the kernel picks one.
  TcpPush(EventLoop& loop, std::string_view host, std::uint16_t port);
  ~TcpPush();
  TcpPush(const TcpPush&) = delete;
  TcpPush& operator=(const TcpPush&) = delete;

  // Sends to everybody.
  void push(std::string_view text);
  const net::Address& address() const noexcept { return listener_.address(); }
  std::uint64_t bytes_sent() const noexcept { return bytes_sent_; }
  std::uint64_t message_count() const noexcept { return message_count_; }
  std::size_t peer_count() const noexcept { return peers_.size(); }

 private:
  class Peer;

  void on_accept(int fd, const net::Address& peer) override;
  void drop_closed();

  net::Reactor& reactor_;
  std::vector<std::unique_ptr<Peer>> peers_;
  std::uint64_t bytes_sent_ = 0;
  std::uint64_t message_count_ = 0;
  net::Listener listener_;
};

}  // namespace duplex::tools
