// A kernel that remembers what passes through the sockets that connect.
#pragma once

#include <optional>
#include <vector>

#include "../forwarding_kernel.h"
#include "socket_story.h"

namespace duplex::tools::trace {

// Hands every call to the system. Of the socket that connected last it keeps each byte, up to
// most_kept_bytes, with TCP_INFO; whoever connects to one server has one. Owner: whoever traces;
// thread: the loop's.
class RecordingKernel final : public ForwardingKernel {
 public:
  explicit RecordingKernel(net::Kernel& system) noexcept : ForwardingKernel(system) {}

  const std::vector<SocketEvent>& events() const noexcept { return events_; }
  // Calls that brought something beyond most_kept_bytes; they are not among the events.
  std::size_t untold() const noexcept { return untold_; }
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
  std::size_t kept_ = 0;  // bytes of them
  std::size_t untold_ = 0;
};

}  // namespace duplex::tools::trace
