// What passed the clients' sockets, as TCP itself has counted it.
#include "socket_meter.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <optional>
#include <string_view>

namespace duplex::tools {
namespace {

constexpr double ethernet_and_tcp = 14 + 20;
constexpr double timestamps_size = 12;
// Of a SYN: segment size, window scale and permission for SACK, beside the timestamps.
constexpr double syn_options_size = 8;
constexpr std::string_view own_question = "GET /metrics ";
// As the kernel numbers the states.
constexpr int established = 1;
constexpr int syn_sent = 2;
constexpr int syn_received = 3;

std::optional<TcpCounts> counts_of(int socket) {
  tcp_info info = {};
  socklen_t size = sizeof(info);
  if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
  if (info.tcpi_state == syn_sent || info.tcpi_state == syn_received) return std::nullopt;
  int family = 0;
  size = sizeof(family);
  getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &family, &size);
  TcpCounts counts = {.packets_out = info.tcpi_segs_out,
                      .packets_in = info.tcpi_segs_in,
                      .data_packets_out = info.tcpi_data_segs_out,
                      .data_packets_in = info.tcpi_data_segs_in,
                      .bytes_out = info.tcpi_bytes_sent,
                      .bytes_in = info.tcpi_bytes_received,
                      .bytes_again = info.tcpi_bytes_retrans,
                      .packets_again = info.tcpi_total_retrans,
                      .has_timestamps = (info.tcpi_options & TCPI_OPT_TIMESTAMPS) != 0,
                      .ipv6 = family == AF_INET6,
                      .peer_ended = info.tcpi_state != established};
  // The FIN takes a number as if it were a byte.
  if (counts.peer_ended && counts.bytes_in > 0) --counts.bytes_in;
  return counts;
}

}  // namespace

WireBytes wire_bytes_of(const TcpCounts& counts, bool closes) {
  const double header =
      ethernet_and_tcp + (counts.ipv6 ? 40 : 20) + (counts.has_timestamps ? timestamps_size : 0);
  const auto number = [](std::uint64_t count) { return static_cast<double>(count); };
  const double again = number(counts.packets_again) * header + number(counts.bytes_again);
  const double data_packets =
      number(counts.data_packets_out + counts.data_packets_in) - number(counts.packets_again);
  const double openings = 2;                   // SYN and its answer
  double endings = counts.peer_ended ? 1 : 0;  // FINs
  double acknowledgements = number(counts.packets_out + counts.packets_in) -
                            number(counts.data_packets_out + counts.data_packets_in) - openings -
                            endings;
  if (closes) {
    // Ours and its acknowledgement; who ends first hears the other's FIN with it, and answers.
    acknowledgements += 1;
    endings = 2;
  }
  return {
      .content = number(counts.bytes_out + counts.bytes_in - counts.bytes_again),
      .packet_headers = (data_packets + openings + endings) * header + openings * syn_options_size,
      .acknowledgements = acknowledgements * header,
      .sent_again = again,
      .packets =
          data_packets + number(counts.packets_again) + openings + endings + acknowledgements};
}

void SocketMeter::opened(int socket) {
  const std::lock_guard lock(mutex_);
  sockets_[socket] = true;
}

void SocketMeter::ignore(int socket) {
  const std::lock_guard lock(mutex_);
  if (const auto found = sockets_.find(socket); found != sockets_.end()) found->second = false;
}

void SocketMeter::closes(int socket) {
  const std::lock_guard lock(mutex_);
  const auto found = sockets_.find(socket);
  if (found == sockets_.end()) return;
  if (found->second) {
    if (const auto counts = counts_of(socket)) closed_ += wire_bytes_of(*counts, true);
  }
  sockets_.erase(found);
}

WireBytes SocketMeter::sum() {
  const std::lock_guard lock(mutex_);
  WireBytes sum = closed_;
  for (const auto& [socket, is_client] : sockets_) {
    if (!is_client) continue;
    if (const auto counts = counts_of(socket)) sum += wire_bytes_of(*counts, false);
  }
  return sum;
}

void SocketMeter::begin_block() { before_ = sum(); }

void SocketMeter::end_block() {
  block_ = sum();
  block_ -= before_;
}

int MeteredKernel::connect(int fd, const net::Address& address) {
  const int result = LinuxKernel::connect(fd, address);
  if (meter_ != nullptr && (result >= 0 || result == -EINPROGRESS)) meter_->opened(fd);
  return result;
}

std::ptrdiff_t MeteredKernel::writev(int fd, std::span<const Bytes> pieces) {
  if (meter_ != nullptr && !pieces.empty() && as_text(pieces.front()).starts_with(own_question)) {
    meter_->ignore(fd);
  }
  return LinuxKernel::writev(fd, pieces);
}

int MeteredKernel::close(int fd) {
  if (meter_ != nullptr) meter_->closes(fd);
  return ResettingKernel::close(fd);
}

}  // namespace duplex::tools
