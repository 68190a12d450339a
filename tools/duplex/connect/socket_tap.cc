// Looks at one socket.
#include "socket_tap.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace duplex::tools {

void SocketTap::watch(std::function<void()> on_socket,
                      std::function<void(Way way, Bytes bytes)> on_bytes) {
  on_socket_ = std::move(on_socket);
  on_bytes_ = std::move(on_bytes);
}

int SocketTap::connect(int fd, const net::Address& address) {
  const auto connecting = system().now();
  const int result = system().connect(fd, address);
  if (result < 0 && result != -EINPROGRESS) return result;
  candidates_[fd] = {.connecting = connecting, .connected = system().now(), .remote = address};
  return result;
}

// Asked when the socket has become writable: that is, connected or not.
int SocketTap::socket_error(int fd) {
  const int error = system().socket_error(fd);
  const auto found = candidates_.find(fd);
  if (error == 0 && found != candidates_.end()) found->second.connected = system().now();
  return error;
}

void SocketTap::adopt(int fd, const Candidate& candidate) {
  fd_ = fd;
  figures_.connecting = candidate.connecting;
  figures_.connected = candidate.connected;
  figures_.remote = candidate.remote;
  system().local_address(fd, figures_.local);
  if (on_socket_) on_socket_();
}

std::ptrdiff_t SocketTap::recv(int fd, MutableBytes bytes) {
  const std::ptrdiff_t size = system().recv(fd, bytes);
  if (fd_ != fd || size <= 0) return size;
  const auto received = bytes.first(static_cast<std::size_t>(size));
  figures_.bytes_received += received.size();
  if (on_bytes_) on_bytes_(Way::received, received);
  return size;
}

std::ptrdiff_t SocketTap::writev(int fd, std::span<const Bytes> pieces) {
  const auto candidate = candidates_.find(fd);
  if (!fd_ && candidate != candidates_.end()) adopt(fd, candidate->second);
  const std::ptrdiff_t size = system().writev(fd, pieces);
  if (fd_ == fd && size > 0) show(pieces, static_cast<std::size_t>(size));
  return size;
}

// The first `size` bytes of the pieces have been taken.
void SocketTap::show(std::span<const Bytes> pieces, std::size_t size) {
  figures_.bytes_sent += size;
  if (!on_bytes_) return;
  for (const Bytes piece : pieces) {
    const std::size_t part = std::min(size, piece.size());
    if (part > 0) on_bytes_(Way::sent, piece.first(part));
    size -= part;
  }
}

int SocketTap::close(int fd) {
  candidates_.erase(fd);
  if (fd_ == fd) fd_.reset();
  return system().close(fd);
}

std::string SocketTap::write_raw(Bytes bytes) {
  if (!fd_) return "/raw: there is no connection";
  const std::array pieces = {bytes};
  const std::ptrdiff_t size = system().writev(*fd_, pieces);
  if (size < 0) return "/raw: " + std::system_category().message(static_cast<int>(-size));
  show(pieces, static_cast<std::size_t>(size));
  if (static_cast<std::size_t>(size) == bytes.size()) return {};
  return "/raw: the socket took " + std::to_string(size) + " of " + std::to_string(bytes.size()) +
         " bytes";
}

}  // namespace duplex::tools
