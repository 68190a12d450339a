// One object from accept or connect to close; see peer.h.
#include "endpoint/peer.h"

#include <utility>

#include "duplex/endpoint/server.h"
#include "net/error.h"

namespace duplex::endpoint {

net::Address PeerHost::address_of(Peer& peer) {
  net::Address address;
  reactor_.kernel().peer_address(peer.stream().fd(), address);
  return address;
}

void Peer::start(int fd, std::unique_ptr<Phase> phase) {
  start(std::move(phase));
  adopt(fd);
}

void Peer::start(std::unique_ptr<Phase> phase) {
  phase_ = std::move(phase);
  phase_->start();
}

void Peer::adopt(int fd, Bytes unread) {
  const std::error_code error = stream_.open(fd, unread);
  if (error) drop(error);
}

MutableBytes Peer::on_bytes(MutableBytes bytes) {
  host_.counters().bytes_received += bytes.size();
  const MutableBytes rest = phase_->on_bytes(bytes);
  return switching_ ? offer_to_successors(rest) : rest;
}

// Apart from the way of every message, for this happens twice at most.
MutableBytes Peer::offer_to_successors(MutableBytes rest) {
  while (switching_) {
    switch_phase();
    if (rest.empty() || !stream_.is_open()) break;
    rest = phase_->on_bytes(rest);
  }
  return rest;
}

void Peer::switch_phase() {
  switching_ = false;
  const auto previous = std::exchange(phase_, phase_->take_successor());
  phase_->start();
  previous->hand_over(*phase_);
}

void Peer::on_received_in_place(std::size_t size) {
  host_.counters().bytes_received += size;
  phase_->on_received_in_place(size);
}

void Peer::on_timer() {
  if (dead_) return;
  // What throws has used up the deadline: without another one the peer might stay for ever.
  try {
    phase_->on_timer();
    stream_.request_flush();
  } catch (...) {
    drop(net::error_of_exception());
  }
}

void Peer::on_closed(std::error_code error) { drop(error); }

std::optional<net::TcpInfo> Peer::tcp_info() {
  net::TcpInfo info;
  if (dead_ || host_.reactor().kernel().tcp_info(stream_.fd(), info) < 0) return std::nullopt;
  return info;
}

void Peer::drop(std::error_code reason) noexcept {
  if (dead_) return;
  dead_ = true;
  error_ = static_cast<std::int16_t>(reason.value());
  stream_.close();
  disarm();
  host_.reactor().bury(*this);
}

void Peer::abort() noexcept {
  stream_.reset();
  drop();
}

void Peer::destroy() {
  if (phase_ != nullptr && !muted_) {
    host_.reactor().guard([this] { phase_->on_closed({error_, std::system_category()}); });
  }
  host_.erase(*this);
}

}  // namespace duplex::endpoint
