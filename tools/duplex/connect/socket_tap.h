// What passes through the socket of a conversation, beneath the library.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "../forwarding_kernel.h"

namespace duplex::tools {

// Counts, times and shows the bytes of one socket at a time: the first that connects and is written
// to while there is no other. What connects meanwhile is left alone. Owner: the command; thread:
// the loop's.
class SocketTap final : public ForwardingKernel {
 public:
  enum class Way : std::uint8_t { sent, received };

  struct Figures {
    net::Clock::time_point connecting = {};  // names have been looked up
    net::Clock::time_point connected = {};
    net::Address local = {};
    net::Address remote = {};
    std::uint64_t bytes_sent = 0;  // of all sockets so far
    std::uint64_t bytes_received = 0;
  };

  using ForwardingKernel::ForwardingKernel;

  // Called at each new socket, and with each piece of its bytes.
  void watch(std::function<void()> on_socket, std::function<void(Way way, Bytes bytes)> on_bytes);
  const Figures& figures() const noexcept { return figures_; }
  // Puts bytes between what the library sends, which has to have left it. Empty, or what was wrong.
  std::string write_raw(Bytes bytes);

  int connect(int fd, const net::Address& address) override;
  int socket_error(int fd) override;
  std::ptrdiff_t recv(int fd, MutableBytes bytes) override;
  std::ptrdiff_t writev(int fd, std::span<const Bytes> pieces) override;
  int close(int fd) override;

 private:
  struct Candidate {
    net::Clock::time_point connecting = {};
    net::Clock::time_point connected = {};
    net::Address remote = {};
  };

  void adopt(int fd, const Candidate& candidate);
  void show(std::span<const Bytes> pieces, std::size_t size);

  std::map<int, Candidate> candidates_;
  std::optional<int> fd_;
  Figures figures_;
  std::function<void()> on_socket_;
  std::function<void(Way way, Bytes bytes)> on_bytes_;
};

}  // namespace duplex::tools
