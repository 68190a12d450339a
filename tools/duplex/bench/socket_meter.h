// What passed the clients' sockets, as TCP itself has counted it: TCP_INFO, tcp(7).
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>

#include "duplex/net/linux_kernel.h"
#include "resetting_kernel.h"
#include "wire_bytes.h"

namespace duplex::tools {

// Of a socket: counts since it connected.
struct TcpCounts {
  std::uint64_t packets_out = 0;  // a large one counts as what it is cut into
  std::uint64_t packets_in = 0;
  std::uint64_t data_packets_out = 0;  // of these, with content
  std::uint64_t data_packets_in = 0;
  std::uint64_t bytes_out = 0;  // content, what is sent again counts again
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_again = 0;  // of bytes_out
  std::uint64_t packets_again = 0;
  bool has_timestamps = true;  // 12 bytes in each header: RFC 7323 3.2
  bool ipv6 = false;
  bool peer_ended = false;  // its FIN has come
};

// With what closing a socket adds, when `closes`: the FINs that are not there yet, and their
// acknowledgements. Pure.
WireBytes wire_bytes_of(const TcpCounts& counts, bool closes);

// Owner: `bench`. Thread: those of the kernels that tell it.
class SocketMeter final : public WireWatch {
 public:
  void opened(int socket);
  // The bench's own question is no client.
  void ignore(int socket);
  void closes(int socket);  // just before it does

  void begin_block() override;
  void end_block() override;
  bool has_counted() override { return true; }
  std::optional<WireBytes> block() override { return block_; }

 private:
  WireBytes sum();

  std::mutex mutex_;
  std::map<int, bool> sockets_;  // with whether they count
  WireBytes closed_ = {};
  WireBytes before_ = {};
  WireBytes block_ = {};
};

// Tells the meter of every socket that connects.
class MeteredKernel : public ResettingKernel<net::LinuxKernel> {
 public:
  explicit MeteredKernel(SocketMeter* meter = nullptr) : meter_(meter) {}
  // From the next connection on.
  void report_to(SocketMeter* meter) noexcept { meter_ = meter; }

  int connect(int fd, const net::Address& address) override;
  std::ptrdiff_t writev(int fd, std::span<const Bytes> pieces) override;
  int close(int fd) override;

 private:
  SocketMeter* meter_;
};

}  // namespace duplex::tools
