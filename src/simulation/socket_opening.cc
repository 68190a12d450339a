// How connections begin: the three-way handshake (RFC 9293 section 3.5), the accept queue, and the
// Unix domain's immediate connect.
#include <algorithm>
#include <cerrno>

#include "simulation/socket.h"

namespace duplex::simulation {
namespace {

constexpr unsigned max_syn_attempts = 6;
constexpr std::chrono::seconds syn_patience{127};  // 1 + 2 + 4 ... + 64

net::Address reachable(const net::Address& address) {
  if (address.host() == "0.0.0.0") return *net::Address::parse("127.0.0.1", address.port());
  if (address.host() == "::") return *net::Address::parse("::1", address.port());
  return address;
}

}  // namespace

int Socket::listen(int backlog) {
  if (state_ != State::idle && !is_listening()) return -EINVAL;
  if (!bound_) {
    if (is_unix()) return -EINVAL;
    if (const int result = bind(local_); result < 0) return result;
  }
  backlog_ = static_cast<std::size_t>(std::max(backlog, 0));
  state_ = State::listening;
  return 0;
}

std::shared_ptr<Socket> Socket::accept() {
  if (waiting_.empty()) return nullptr;
  auto child = std::move(waiting_.front());
  waiting_.pop_front();
  child->parent_.reset();
  return child;
}

int Socket::connect(const net::Address& address, const LinkOptions& toward_server,
                    const LinkOptions& toward_client) {
  if (state_ == State::connecting) return -EALREADY;
  if (state_ == State::connected || is_listening()) return -EISCONN;
  if (state_ == State::closed) return error_ != 0 ? -take_error() : -ECONNABORTED;
  if (address.family() != family_) return -EAFNOSUPPORT;
  is_client_ = true;
  if (is_unix()) return connect_unix(address);
  remote_ = reachable(address);
  if (!bound_) {
    net::Address local = remote_;
    local.set_port(0);
    if (const int result = bind(local); result < 0) return -EADDRNOTAVAIL;
  }
  link_ = world_.make_link(toward_server, toward_client);
  state_ = State::connecting;
  const bool own_limit = options_.user_timeout.count() > 0;
  set_alarm(own_limit ? std::chrono::nanoseconds(options_.user_timeout) : syn_patience);
  send_syn(0);
  return -EINPROGRESS;
}

int Socket::connect_unix(const net::Address& address) {
  const std::string path = address.host();
  Socket* listener = world_.ports().listener(address);
  if (listener == nullptr) {
    return path.starts_with('@') || world_.ports().path_exists(path) ? -ECONNREFUSED : -ENOENT;
  }
  if (listener->waiting_.size() > listener->backlog_) return -EAGAIN;
  remote_ = address;
  link_ = world_.make_link({}, {});
  const auto child = listener->make_child(*this);
  listener->waiting_.push_back(child);
  listener->changed();
  peer_ = child;
  state_ = State::connected;
  right_edge_ = child->advertised_edge_;
  return 0;
}

void Socket::send_syn(unsigned attempt) {
  outgoing().carry(0, [weak = weak_from_this(), attempt] {
    if (const auto self = weak.lock()) self->syn_arrived(attempt);
  });
}

// Runs where the SYN arrives.
void Socket::syn_arrived(unsigned attempt) {
  if (state_ != State::connecting) return;
  Socket* listener = world_.ports().listener(remote_);
  if (listener == nullptr) {
    if (local_ == remote_) return on_syn_answered(shared_from_this());  // simultaneous open
    incoming().carry(0, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->on_reset();
    });
  } else if (listener->waiting_.size() + listener->half_open_.size() > listener->backlog_) {
    retry_syn(attempt);
  } else {
    const auto child = listener->make_child(*this);
    listener->half_open_.push_back(child);
    child->send_segment(0, [child](Socket& client) { client.on_syn_answered(child); });
  }
}

// The SYN has been dropped; the client finds out by waiting.
void Socket::retry_syn(unsigned attempt) {
  if (attempt >= max_syn_attempts) return;
  world_.after(std::chrono::seconds(1U << attempt), [weak = weak_from_this(), attempt] {
    const auto self = weak.lock();
    if (self != nullptr && self->state_ == State::connecting) self->send_syn(attempt + 1);
  });
}

std::shared_ptr<Socket> Socket::make_child(Socket& client) {
  auto child = std::make_shared<Socket>(world_, client.family_);
  child->options_ = options_;
  child->state_ = State::connected;
  child->local_ = client.remote_;
  child->remote_ = client.local_;
  child->link_ = client.link_;
  child->peer_ = client.weak_from_this();
  child->parent_ = weak_from_this();
  child->advertised_edge_ = child->window_edge();
  client.advertised_edge_ = client.window_edge();
  child->right_edge_ = client.advertised_edge_;
  child->on_heard();
  child->watch_peer(options_.keep_alive_idle);
  return child;
}

// The client has the SYN-ACK; its own acknowledgement completes the handshake at the server.
void Socket::on_syn_answered(const std::shared_ptr<Socket>& child) {
  peer_ = child;
  if (state_ != State::connecting) return send_reset();
  cancel_alarm();
  state_ = State::connected;
  advertised_edge_ = window_edge();
  right_edge_ = child->advertised_edge_;
  on_heard();
  watch_peer(options_.keep_alive_idle);
  if (child.get() != this) send_segment(0, [](Socket& peer) { peer.on_handshake_complete(); });
  changed();
}

void Socket::on_handshake_complete() {
  const auto listener = parent_.lock();
  if (listener == nullptr) return;
  listener->forget_child(*this);
  listener->waiting_.push_back(shared_from_this());
  listener->changed();
}

void Socket::forget_child(const Socket& child) {
  std::erase_if(half_open_, [&](const auto& other) { return other.get() == &child; });
}

// Who waits to be accepted gets RST; who is half open gets it when the handshake's end arrives.
void Socket::close_listener() {
  state_ = State::closed;
  half_open_.clear();
  for (const auto& child : std::exchange(waiting_, {})) child->fail(ECONNRESET);
  if (bound_) world_.ports().release(*this);
  bound_ = false;
}

}  // namespace duplex::simulation
