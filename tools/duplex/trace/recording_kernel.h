// A kernel that remembers what passes through the sockets that connect.
#pragma once

#include <optional>
#include <vector>

#include "../forwarding_kernel.h"
#include "socket_story.h"

namespace duplex::tools::trace {

// Hands every call to the system. Of the socket that connected last it keeps each byte, with
// TCP_INFO; whoever connects to one server has one. Owner: whoever traces; thread: the loop's.
class RecordingKernel final : public ForwardingKernel {
 public:
  explicit RecordingKernel(net::Kernel& system) noexcept : ForwardingKernel(system) {}

  const std::vector<SocketEvent>& events() const noexcept { return events_; }
  const net::Address& client() const noexcept { return client_; }  // our end
  const net::Address& server() const noexcept { return server_; }

  int connect(int fd, const net::Address& address) override;
  int socket_error(int fd) override;
  std::ptrdiff_t recv(int fd, MutableBytes bytes) override;
  std::ptrdiff_t writev(int fd, std::span<const Bytes> pieces) override;
  int shutdown_write(int fd) override;
  int close(int fd) override;

 private:
  void record(SocketEvent::Kind kind, std::vector<std::byte> bytes = {});
  bool is_ours(int fd) const noexcept { return fd == descriptor_; }

  int descriptor_ = -1;
  bool connected_ = false;
  net::Address client_ = {};
  net::Address server_ = {};
  std::vector<SocketEvent> events_ = {};
};

}  // namespace duplex::tools::trace
