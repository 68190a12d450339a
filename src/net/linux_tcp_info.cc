// What Linux says of a TCP connection. Apart, because <linux/tcp.h>, which alone knows all of it,
// does not go together with <netinet/tcp.h>.
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "duplex/net/linux_kernel.h"
#include "net/linux_call.h"

namespace duplex::net {

int LinuxKernel::tcp_info(int fd, TcpInfo& info) {
  using std::chrono::microseconds;
  counts_.add(Call::tcp_info);
  struct tcp_info raw = {};
  socklen_t size = sizeof raw;
  const int result = value_or_errno(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &raw, &size));
  if (result < 0) return result;
  info = {.round_trip = microseconds(raw.tcpi_rtt),
          .round_trip_variation = microseconds(raw.tcpi_rttvar),
          .least_round_trip = microseconds(raw.tcpi_min_rtt),
          .max_segment_size = raw.tcpi_snd_mss,
          .congestion_window = raw.tcpi_snd_cwnd,
          .peer_window = raw.tcpi_snd_wnd,
          .unacknowledged = raw.tcpi_unacked,
          .not_sent_size = raw.tcpi_notsent_bytes,
          .retransmissions = raw.tcpi_total_retrans,
          .segments_sent = raw.tcpi_segs_out,
          .segments_received = raw.tcpi_segs_in,
          .data_segments_sent = raw.tcpi_data_segs_out,
          .data_segments_received = raw.tcpi_data_segs_in,
          .bytes_sent = raw.tcpi_bytes_sent,
          .bytes_acknowledged = raw.tcpi_bytes_acked,
          .bytes_received = raw.tcpi_bytes_received};
  return result;
}

}  // namespace duplex::net
