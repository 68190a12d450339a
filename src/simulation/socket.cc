// What the application's calls do and what epoll reports: the rules of Linux's tcp_poll,
// tcp_recvmsg and tcp_sendmsg.
#include "simulation/socket.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>

namespace duplex::simulation {
namespace {

net::Address any_address(net::AddressFamily family) {
  if (family == net::AddressFamily::unix_domain) {
    const sockaddr_un unnamed{AF_UNIX, {}};
    return net::Address::from_raw(&unnamed, sizeof unnamed.sun_family);
  }
  return *net::Address::parse(family == net::AddressFamily::ipv6 ? "::" : "0.0.0.0", 0);
}

// Level IPPROTO_TCP: no other socket has it.
bool belongs_to_tcp(net::SocketOption option) {
  switch (option) {
    case net::SocketOption::no_delay:
    case net::SocketOption::keep_alive_idle:
    case net::SocketOption::keep_alive_interval:
    case net::SocketOption::keep_alive_count:
    case net::SocketOption::user_timeout:
    case net::SocketOption::not_sent_low_water:
      return true;
    default:
      return false;
  }
}

}  // namespace

Socket::Socket(World& world, net::AddressFamily family)
    : world_(world),
      family_(family),
      serial_(world.next_serial()),
      local_(any_address(family)),
      remote_(any_address(family)) {
  options_.send_buffer = world.options().send_buffer;
  options_.receive_buffer = world.options().receive_buffer;
}

Socket::~Socket() {
  cancel_alarm();
  stop_watching();
  if (bound_) world_.ports().release(*this);
}

int Socket::bind(net::Address address) {
  if (address.family() != family_) return -EAFNOSUPPORT;
  if (bound_ || state_ != State::idle) return -EINVAL;
  const int result = world_.ports().bind(*this, address);
  if (result < 0) return result;
  bound_ = true;
  local_ = address;
  return 0;
}

int Socket::set_option(net::SocketOption option, int value) {
  if (is_unix() && belongs_to_tcp(option)) return -EOPNOTSUPP;
  const bool on = value != 0;
  const auto size = static_cast<std::size_t>(std::max(value, 1));
  switch (option) {
    case net::SocketOption::no_delay:
      options_.no_delay = on;
      if (link_ != nullptr) pump();
      break;
    case net::SocketOption::reuse_address:
      options_.reuse_address = on;
      break;
    case net::SocketOption::reuse_port:
      options_.reuse_port = on;
      break;
    case net::SocketOption::ipv6_only:
      if (family_ != net::AddressFamily::ipv6) return -ENOPROTOOPT;
      options_.ipv6_only = on;
      break;
    case net::SocketOption::keep_alive:
      options_.keep_alive = on;
      if (state_ == State::connected) watch_peer(options_.keep_alive_idle);
      break;
    case net::SocketOption::keep_alive_idle:
      options_.keep_alive_idle = std::chrono::seconds(value);
      break;
    case net::SocketOption::keep_alive_interval:
      options_.keep_alive_interval = std::chrono::seconds(value);
      break;
    case net::SocketOption::keep_alive_count:
      options_.keep_alive_count = value;
      break;
    case net::SocketOption::user_timeout:
      options_.user_timeout = std::chrono::milliseconds(value);
      break;
    case net::SocketOption::send_buffer:
      options_.send_buffer = size;
      break;
    case net::SocketOption::receive_buffer:
      options_.receive_buffer = size;
      break;
    case net::SocketOption::linger_reset:
      options_.linger_reset = true;
      break;
    case net::SocketOption::not_sent_low_water:
      options_.not_sent_low_water = size;
      break;
  }
  changed();  // more may fit now
  return 0;
}

int Socket::take_error() noexcept { return std::exchange(error_, 0); }

int Socket::peer_address(net::Address& address) const {
  if (state_ != State::connected) return -ENOTCONN;
  address = remote_;
  return 0;
}

// Bytes first, then the end of the stream, then the error: that order is why "2 bytes, then RST"
// can still be read, and why a socket whose peer had ended before the RST reads 0.
std::ptrdiff_t Socket::recv(MutableBytes bytes) {
  if (is_listening()) return is_unix() ? -EINVAL : -ENOTCONN;
  if (bytes.empty()) return 0;
  if (const std::size_t size = received_.take(bytes); size > 0) {
    // A window that opens by little is not worth a segment (RFC 9293 3.8.6.2.2).
    const std::size_t step =
        is_unix() ? 1
                  : std::min(options_.receive_buffer / 2 + 1, outgoing().options().segment_size);
    if (state_ == State::connected && (is_unix() || window_edge() >= advertised_edge_ + step)) {
      acknowledge();
    }
    return static_cast<std::ptrdiff_t>(size);
  }
  if (fin_received_) return 0;
  if (error_ != 0) return -take_error();
  if (receive_shut_) return 0;
  if (is_unconnected()) return is_unix() ? -EINVAL : -ENOTCONN;
  return -EAGAIN;
}

std::ptrdiff_t Socket::write(std::span<const Bytes> pieces, std::size_t limit) {
  if (is_unix() && state_ != State::connected) return -ENOTCONN;
  if (is_unix() && send_shut_) return -EPIPE;  // a pending error waits for the reader
  if (state_ == State::connecting && error_ == 0) return -EAGAIN;
  if (state_ != State::connected || send_shut_ || error_ != 0) {
    const int error = take_error();
    return error != 0 ? -error : -EPIPE;
  }
  if (!may_write()) return -EAGAIN;
  const std::size_t room = std::min(limit, options_.send_buffer - queued_size());
  std::size_t taken = 0;
  for (const Bytes piece : pieces.first(std::min<std::size_t>(pieces.size(), 1024))) {
    const Bytes part = piece.first(std::min(piece.size(), room - taken));
    unsent_.append(part);
    taken += part.size();
  }
  if (!outstanding()) progress_at_ = world_.now();
  written_ += taken;
  pump();
  return static_cast<std::ptrdiff_t>(taken);
}

bool Socket::may_write() const noexcept {
  return queued_size() < options_.send_buffer && unsent_.size() < options_.not_sent_low_water;
}

// sk_stream_is_writeable: a buffer that has been full is writable only when a third of it is free.
bool Socket::is_writable() const noexcept {
  return may_write() && options_.send_buffer - queued_size() >= queued_size() / 2;
}

int Socket::shutdown_write() {
  if (is_listening()) return 0;
  if (is_unconnected()) return -ENOTCONN;
  if (state_ == State::connecting) {
    become_closed(ECONNRESET);
    return 0;
  }
  send_shut_ = true;
  pump();
  changed();
  return 0;
}

std::uint32_t Socket::readiness() const {
  using net::Ready;
  if (is_listening()) return waiting_.empty() ? 0 : Ready::in;
  std::uint32_t events = 0;
  if ((receive_shut_ && send_shut_) || is_unconnected()) events |= Ready::hang_up;
  if (receive_shut_) events |= Ready::in | Ready::read_hang_up;
  if (state_ != State::connecting) {
    if (!received_.empty()) events |= Ready::in;
    if (send_shut_ || is_writable()) events |= Ready::out;
  }
  if (error_ != 0) events |= Ready::error;
  return events;
}

// Unread input or SO_LINGER {1, 0} turn the FIN into RST, and what has not been sent is lost.
void Socket::on_descriptor_closed() {
  orphan_ = true;
  if (is_listening()) return close_listener();
  if (state_ == State::connecting) return become_closed(0);
  if (state_ != State::connected) return;
  const bool unread = !received_.empty();
  if (is_unix()) {
    const int error = unread ? ECONNRESET : 0;
    send_segment(0, [error](Socket& peer) { peer.on_hang_up(error); });
    return become_closed(0);
  }
  if (unread || options_.linger_reset) {
    send_reset();
    return become_closed(0);
  }
  receive_shut_ = send_shut_ = true;
  world_.adopt(shared_from_this());
  pump();
}

void Socket::reset() {
  if (state_ != State::connected) return;
  if (const auto peer = peer_.lock()) peer->on_reset();
  on_reset();
}

void Socket::fail(int error) {
  if (state_ == State::connected) send_reset();
  if (state_ == State::connected || state_ == State::connecting) become_closed(error);
}

void Socket::vanish() {
  if (is_listening()) return close_listener();
  if (!is_unconnected()) become_closed(0);
}

}  // namespace duplex::simulation
