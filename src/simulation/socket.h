// A stream socket: TCP as an application sees it, and the Unix domain with the same means.
//
// The two ends of a connection know each other only through segments on the link between them, so
// whatever one does, the other learns one delay later. The state is kept in the terms in which
// Linux decides what epoll reports and what calls return (state, shut sides, pending error), which
// is what makes the odd cases come out right. Owner: the descriptor; after close() the World, until
// the FIN has been answered. Thread: the test's.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "duplex/net/kernel.h"
#include "simulation/byte_queue.h"
#include "simulation/epoll.h"
#include "simulation/link.h"
#include "simulation/world.h"

namespace duplex::simulation {

struct SocketOptions {
  bool no_delay = false;
  bool reuse_address = false;
  bool reuse_port = false;
  bool ipv6_only = false;
  bool keep_alive = false;
  std::chrono::seconds keep_alive_idle{7200};
  std::chrono::seconds keep_alive_interval{75};
  int keep_alive_count = 9;
  bool linger_reset = false;
  std::chrono::milliseconds user_timeout{0};  // 0: the system's default
  std::size_t send_buffer = 0;
  std::size_t receive_buffer = 0;
  std::size_t not_sent_low_water = std::numeric_limits<std::size_t>::max();
};

class Socket final : public Pollable, public std::enable_shared_from_this<Socket> {
 public:
  Socket(World& world, net::AddressFamily family);
  ~Socket() override;

  // --- What the application does: each gives a value or minus an errno, as its namesake
  int bind(net::Address address);
  int listen(int backlog);
  std::shared_ptr<Socket> accept();  // null when nobody waits
  int connect(const net::Address& address, const LinkOptions& toward_server,
              const LinkOptions& toward_client);
  int set_option(net::SocketOption option, int value);
  int take_error() noexcept;  // the pending errno, which is cleared
  int peer_address(net::Address& address) const;
  std::ptrdiff_t recv(MutableBytes bytes);
  std::ptrdiff_t write(std::span<const Bytes> pieces, std::size_t limit);
  int shutdown_write();
  std::string_view kind() const noexcept override { return "socket"; }
  std::uint32_t readiness() const override;
  void on_descriptor_closed() override;

  // --- What fate does
  void reset();          // somebody on the way sends RST to both ends
  void fail(int error);  // this end gives up with that errno, and RST goes to the other
  void vanish();         // this end is gone, and nobody is told

  const net::Address& local() const noexcept { return local_; }
  const net::Address& remote() const noexcept { return remote_; }
  const SocketOptions& options() const noexcept { return options_; }
  bool is_listening() const noexcept { return state_ == State::listening; }
  std::size_t waiting_count() const noexcept { return waiting_.size(); }
  std::size_t readable_size() const noexcept { return received_.size(); }
  std::size_t unsent_size() const noexcept { return unsent_.size(); }
  std::uint64_t serial() const noexcept { return serial_; }
  const std::shared_ptr<Link>& link() const noexcept { return link_; }
  Path& outgoing() noexcept { return is_client_ ? link_->toward_server() : link_->toward_client(); }
  Path& incoming() noexcept { return is_client_ ? link_->toward_client() : link_->toward_server(); }

 private:
  enum class State : std::uint8_t { idle, listening, connecting, connected, closed };
  struct Acknowledgement {
    std::uint64_t received = 0;    // all bytes up to here have arrived
    std::uint64_t right_edge = 0;  // and up to here there is room
    bool fin = false;
  };

  // Opening (socket_opening.cc)
  int connect_unix(const net::Address& address);
  void send_syn(unsigned attempt);
  void syn_arrived(unsigned attempt);
  void retry_syn(unsigned attempt);
  std::shared_ptr<Socket> make_child(Socket& client);
  void on_syn_answered(const std::shared_ptr<Socket>& child);
  void on_handshake_complete();
  void forget_child(const Socket& child);
  void close_listener();

  // Segments (socket_segments.cc)
  void send_segment(std::size_t size, std::function<void(Socket&)> arrival);
  void send_reset();
  void pump();
  std::size_t next_segment_size();
  void acknowledge();
  void on_data(Bytes bytes);
  void on_acknowledged(const Acknowledgement& acknowledgement);
  void on_fin();
  void on_hang_up(int error);
  void on_reset();
  void finish_if_done();
  void become_closed(int error);
  void arm_alarm();
  void on_alarm();
  void watch_peer(std::chrono::nanoseconds delay);
  void stop_watching();
  void on_peer_silent();
  void on_heard() noexcept;
  bool has_given_up() const noexcept;
  void set_alarm(std::chrono::nanoseconds delay);
  void cancel_alarm();
  std::chrono::nanoseconds patience() const noexcept;
  bool outstanding() const noexcept;

  bool is_unix() const noexcept { return family_ == net::AddressFamily::unix_domain; }
  bool is_unconnected() const noexcept { return state_ == State::idle || state_ == State::closed; }
  std::size_t queued_size() const noexcept { return static_cast<std::size_t>(written_ - acked_); }
  bool may_write() const noexcept;
  bool is_writable() const noexcept;
  std::uint64_t window_edge() const noexcept;

  World& world_;
  net::AddressFamily family_;
  std::uint64_t serial_;
  State state_ = State::idle;
  SocketOptions options_;
  net::Address local_;
  net::Address remote_;
  bool bound_ = false;
  bool is_client_ = false;
  bool orphan_ = false;  // the application has closed it
  int error_ = 0;        // sk_err
  std::shared_ptr<Link> link_;
  std::weak_ptr<Socket> peer_;

  // Listening
  std::size_t backlog_ = 0;
  std::vector<std::shared_ptr<Socket>> half_open_;
  std::deque<std::shared_ptr<Socket>> waiting_;
  std::weak_ptr<Socket> parent_;  // of a connection nobody has accepted yet

  // Sending. All counts are bytes since the connection began.
  ByteQueue unsent_;
  std::uint64_t written_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t acked_ = 0;
  std::uint64_t right_edge_ = 0;
  bool send_shut_ = false;
  bool fin_sent_ = false;
  bool fin_acked_ = false;

  // Receiving
  ByteQueue received_;
  std::uint64_t received_total_ = 0;
  std::uint64_t advertised_edge_ = 0;
  bool receive_shut_ = false;
  bool fin_received_ = false;

  std::optional<World::EventId> alarm_;
  net::Clock::time_point progress_at_{};

  // Keep-alive
  std::optional<World::EventId> probe_alarm_;
  net::Clock::time_point heard_at_{};
  int unanswered_probes_ = 0;
};

}  // namespace duplex::simulation
