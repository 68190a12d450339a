// What passes through a socket, written down.
#include "recording_kernel.h"

#include <cerrno>
#include <utility>

namespace duplex::tools::trace {
namespace {

std::optional<TcpFigures> figures_of(net::Kernel& system, int socket) {
  net::TcpInfo info;
  if (system.tcp_info(socket, info) < 0) return std::nullopt;
  return TcpFigures{.round_trip = info.round_trip,
                    .max_segment_size = info.max_segment_size,
                    .segments_out = info.segments_sent,
                    .segments_in = info.segments_received,
                    .retransmissions = info.retransmissions,
                    .congestion_window = info.congestion_window};
}

}  // namespace

void RecordingKernel::record(SocketEvent::Kind kind, std::vector<std::byte> bytes) {
  const bool is_too_much = untold_ > 0 || kept_ + bytes.size() > most_kept_bytes;
  if (!bytes.empty() && is_too_much) {  // and nothing behind a hole
    ++untold_;
    return;
  }
  kept_ += sizeof(SocketEvent) + bytes.size();
  events_.push_back({.kind = kind,
                     .time = system().now().time_since_epoch(),
                     .bytes = std::move(bytes),
                     .tcp = figures_of(system(), descriptor_)});
}

int RecordingKernel::connect(int fd, const net::Address& address) {
  const int result = system().connect(fd, address);
  if (result < 0 && result != -EINPROGRESS) return result;
  descriptor_ = fd;
  connected_ = false;
  server_ = address;
  system().local_address(fd, client_);
  return result;
}

// Asked when the socket has become writable: that is, connected or not.
int RecordingKernel::socket_error(int fd) {
  const int error = system().socket_error(fd);
  if (is_ours(fd) && error == 0 && !std::exchange(connected_, true)) {
    record(SocketEvent::Kind::connected);
  }
  return error;
}

std::ptrdiff_t RecordingKernel::recv(int fd, MutableBytes bytes) {
  const std::ptrdiff_t size = system().recv(fd, bytes);
  if (!is_ours(fd) || size < 0) return size;
  const auto received = bytes.first(static_cast<std::size_t>(size));
  record(size == 0 ? SocketEvent::Kind::ended : SocketEvent::Kind::received,
         {received.begin(), received.end()});
  return size;
}

std::ptrdiff_t RecordingKernel::writev(int fd, std::span<const Bytes> pieces) {
  const std::ptrdiff_t size = system().writev(fd, pieces);
  if (!is_ours(fd) || size <= 0) return size;
  std::vector<std::byte> sent;
  for (const Bytes piece : pieces) sent.insert(sent.end(), piece.begin(), piece.end());
  sent.resize(static_cast<std::size_t>(size));
  record(SocketEvent::Kind::sent, std::move(sent));
  return size;
}

int RecordingKernel::shutdown_write(int fd) {
  const int result = system().shutdown_write(fd);
  if (is_ours(fd)) record(SocketEvent::Kind::shut);
  return result;
}

int RecordingKernel::close(int fd) {
  if (is_ours(fd)) {
    if (connected_) record(SocketEvent::Kind::closed);
    descriptor_ = -1;
  }
  return system().close(fd);
}

}  // namespace duplex::tools::trace
