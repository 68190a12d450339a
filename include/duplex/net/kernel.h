// The seam: the only way this library reaches the operating system.
//
// LinuxKernel makes the calls; simulation::Kernel plays them in memory with virtual time. Every
// call keeps the meaning of its Linux namesake. A result >= 0 is the value, a negative one is minus
// the errno: no exception, no global errno. A Kernel belongs to one loop and is used from its
// thread, except wake(), which any thread and any signal handler may call.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "duplex/base/bytes.h"
#include "duplex/net/address.h"

namespace duplex::net {

using Clock = std::chrono::steady_clock;

// Names of the calls, for counting and for injecting faults.
enum class Call : std::uint8_t {
  socket,
  bind,
  listen,
  accept,
  connect,
  set_option,
  socket_error,
  local_address,
  peer_address,
  recv,
  writev,
  shutdown,
  close,
  epoll_create,
  epoll_ctl,
  epoll_wait,
  eventfd,
  eventfd_write,
  eventfd_read,
  open,
  fstat,
  pread,
  unlink,
  random,
  signalfd,
  signalfd_read,
  reserve_descriptor,
  resolve,
  tcp_info,
};
inline constexpr std::size_t call_count = static_cast<std::size_t>(Call::tcp_info) + 1;
std::string_view name_of(Call call) noexcept;  // "recv", "epoll_wait", ...

// How often each call was made. One writer (the loop's thread), any readers.
class CallCounts {
 public:
  void add(Call call) noexcept {
    auto& count = counts_[static_cast<std::size_t>(call)];
    count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  // For the call that other threads make too: wake().
  void add_from_any_thread(Call call) noexcept {
    counts_[static_cast<std::size_t>(call)].fetch_add(1, std::memory_order_relaxed);
  }
  std::uint64_t of(Call call) const noexcept {
    return counts_[static_cast<std::size_t>(call)].load(std::memory_order_relaxed);
  }
  std::uint64_t total() const noexcept;

 private:
  std::array<std::atomic<std::uint64_t>, call_count> counts_ = {};
};

// What epoll reports and is asked for; the values are those of <sys/epoll.h>, and so is the layout,
// which x86-64 packs: the kernel fills it directly.
#if defined(__x86_64__)
#pragma pack(push, 4)
#endif
struct Ready {
  static constexpr std::uint32_t in = 0x001;
  static constexpr std::uint32_t out = 0x004;
  static constexpr std::uint32_t error = 0x008;
  static constexpr std::uint32_t hang_up = 0x010;
  static constexpr std::uint32_t read_hang_up = 0x2000;
  static constexpr std::uint32_t edge = 0x8000'0000;  // asked for: each change once

  std::uint32_t events = 0;
  std::uint64_t data = 0;
};
#if defined(__x86_64__)
#pragma pack(pop)
#endif

enum class EpollOperation : std::uint8_t { add, modify, remove };

enum class SocketOption : std::uint8_t {
  no_delay,             // TCP_NODELAY: 0 or 1
  reuse_address,        // SO_REUSEADDR: 0 or 1
  reuse_port,           // SO_REUSEPORT: 0 or 1
  ipv6_only,            // IPV6_V6ONLY: 0 or 1
  keep_alive,           // SO_KEEPALIVE: 0 or 1
  keep_alive_idle,      // TCP_KEEPIDLE: seconds
  keep_alive_interval,  // TCP_KEEPINTVL: seconds
  keep_alive_count,     // TCP_KEEPCNT: probes
  user_timeout,         // TCP_USER_TIMEOUT: milliseconds
  send_buffer,          // SO_SNDBUF: bytes
  receive_buffer,       // SO_RCVBUF: bytes
  linger_reset,         // SO_LINGER {1, 0}: close() sends RST; the value is ignored
  not_sent_low_water,   // TCP_NOTSENT_LOWAT: bytes
};

// What TCP asks a peer that is silent (RFC 9293 section 3.8.4), so that one which has gone without
// a word is found out.
struct KeepAlive {
  std::chrono::seconds idle{60};      // of silence before the first probe; 0: nobody is asked
  std::chrono::seconds interval{15};  // from one probe to the next
  int count = 4;                      // probes without an answer that end the connection
};

struct FileStatus {
  std::uint64_t size = 0;                 // bytes
  std::int64_t modified_seconds = 0;      // since the epoch
  std::int64_t modified_nanoseconds = 0;  // within that second
  std::uint64_t inode = 0;
  bool is_regular = false;
  bool is_directory = false;
};

// What TCP itself says of a connection: the part of Linux's struct tcp_info that is of use here.
// What an old kernel does not know is 0. Bytes are the stream's, segments those of this end.
struct TcpInfo {
  std::chrono::microseconds round_trip{0};  // smoothed
  std::chrono::microseconds round_trip_variation{0};
  std::chrono::microseconds least_round_trip{0};
  std::uint32_t max_segment_size = 0;   // bytes, as this end sends
  std::uint32_t congestion_window = 0;  // segments
  std::uint32_t peer_window = 0;        // bytes the peer is ready to take
  std::uint32_t unacknowledged = 0;     // segments on their way
  std::uint32_t not_sent_size = 0;      // bytes that wait in the kernel
  std::uint32_t retransmissions = 0;    // segments, since the beginning
  std::uint32_t segments_sent = 0;      // bare acknowledgements among them
  std::uint32_t segments_received = 0;
  std::uint32_t data_segments_sent = 0;  // with payload
  std::uint32_t data_segments_received = 0;
  std::uint64_t bytes_sent = 0;  // repeated ones count again
  std::uint64_t bytes_acknowledged = 0;
  std::uint64_t bytes_received = 0;
};

class Kernel {
 public:
  Kernel() = default;
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;
  virtual ~Kernel() = default;

  // --- Sockets: non-blocking, close-on-exec, stream
  virtual int socket(AddressFamily family) = 0;
  virtual int bind(int fd, const Address& address) = 0;
  virtual int listen(int fd, int backlog) = 0;
  virtual int accept(int fd, Address* peer) = 0;  // the new descriptor; `peer` may be null
  virtual int connect(int fd, const Address& address) = 0;
  virtual int set_option(int fd, SocketOption option, int value) = 0;
  virtual int socket_error(int fd) = 0;  // SO_ERROR as a positive errno, 0 for none
  virtual int local_address(int fd, Address& address) = 0;
  virtual int peer_address(int fd, Address& address) = 0;
  virtual std::ptrdiff_t recv(int fd, MutableBytes bytes) = 0;
  // sendmsg with MSG_NOSIGNAL: never raises SIGPIPE. At most 1,024 pieces are written in one call.
  virtual std::ptrdiff_t writev(int fd, std::span<const Bytes> pieces) = 0;
  virtual int shutdown_write(int fd) = 0;
  // -EOPNOTSUPP where there is no TCP to ask: a Unix-domain socket, a simulated network.
  virtual int tcp_info(int fd, TcpInfo& info);
  virtual int close(int fd) = 0;  // never to be retried: the descriptor is gone whatever it says

  // --- Readiness
  virtual int epoll_create() = 0;
  virtual int epoll_ctl(int epoll, EpollOperation operation, int fd, Ready interest) = 0;
  // Waits at most `timeout` (negative: for ever); returns how many entries of `ready` it filled.
  virtual int epoll_wait(int epoll, std::span<Ready> ready, std::chrono::nanoseconds timeout) = 0;
  virtual int eventfd() = 0;
  virtual int wake(int eventfd) noexcept = 0;  // adds 1; from any thread or signal handler
  virtual int clear_wake(int eventfd) = 0;     // reads it back to 0
  // A descriptor that becomes readable when one of the signals is pending; blocks them as signals.
  virtual int signalfd(std::span<const int> signals) = 0;
  virtual int next_signal(int signalfd) = 0;  // its number, or -EAGAIN

  // --- Files: static content only
  // open_directory() makes a root; open_beneath() opens `path` below it for reading and never
  // leaves it (RESOLVE_BENEATH: no "..", no absolute path, no symbolic link out).
  virtual int open_directory(const std::string& path) = 0;
  virtual int open_beneath(int root, const std::string& path) = 0;
  virtual int fstat(int fd, FileStatus& status) = 0;
  virtual std::ptrdiff_t pread(int fd, MutableBytes bytes, std::uint64_t offset) = 0;
  virtual int unlink(const std::string& path) = 0;  // the file of a Unix-domain listener

  // --- Everything else
  virtual Clock::time_point now() = 0;                             // monotonic
  virtual std::chrono::system_clock::time_point wall_clock() = 0;  // for Date fields only
  virtual int random(MutableBytes bytes) = 0;  // fills all of it from the system's CSPRNG, or fails
  virtual int reserve_descriptor() = 0;  // a descriptor worth nothing, to be given up on EMFILE
  // Looks a name up, blocking: call it from a thread that may wait. Fills `addresses` in the order
  // in which they should be tried.
  virtual int resolve(const std::string& host, std::uint16_t port,
                      std::span<Address> addresses) = 0;  // how many were filled

  // What resolve() does, as a function that may outlive the kernel: for a thread that waits.
  // Null when resolve() does not block; then call that.
  using BlockingResolve = int (*)(const std::string& host, std::uint16_t port,
                                  std::span<Address> addresses);
  virtual BlockingResolve blocking_resolve() { return nullptr; }

  const CallCounts& counts() const noexcept { return counts_; }

 protected:
  CallCounts counts_;
};

}  // namespace duplex::net
