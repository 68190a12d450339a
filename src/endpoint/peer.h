// One object from accept or connect to close: the stream, the deadline and the present phase.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <system_error>

#include "duplex/endpoint/connection.h"
#include "duplex/endpoint/server.h"
#include "endpoint/phase.h"
#include "net/reactor.h"
#include "net/stream.h"

namespace duplex::endpoint {

class Peer;

// The Server or Client that holds the peers.
class PeerHost {
 public:
  explicit PeerHost(net::Reactor& reactor) noexcept : reactor_(reactor) {}

  net::Reactor& reactor() noexcept { return reactor_; }
  ServerStats& counters() noexcept { return counters_; }
  // Of the other end, or of whom that speaks for.
  virtual net::Address address_of(Peer& peer);
  // Destroys the peer; the last thing that happens to it.
  virtual void erase(Peer& peer) noexcept = 0;

  // Runs a user's handler; what it throws goes to EventLoop::on_exception. False when it threw.
  template <class F>
  bool call(F&& handler) noexcept;

 protected:
  ~PeerHost() = default;

 private:
  net::Reactor& reactor_;
  ServerStats counters_;
};

// Owner: the slot map of its host. Thread: the loop's. Dies in three steps: closing (a phase sends
// what is due), dead (the descriptor is closed), destroyed (end of the turn, never under a
// handler).
class Peer final : public net::StreamOwner, private net::Mortal, private net::Timer {
 public:
  explicit Peer(PeerHost& host) noexcept : host_(host), stream_(host.reactor(), *this) {}
  ~Peer() override { disarm(); }

  void set_id(ConnectionId id) noexcept { id_ = id; }
  ConnectionId id() const noexcept { return id_; }

  // Takes over `fd` and starts `phase`. A failure ends it as on_closed() would.
  void start(int fd, std::unique_ptr<Phase> phase);
  // Starts `phase` before there is a descriptor; adopt() follows.
  void start(std::unique_ptr<Phase> phase);
  // `unread`: what has been read from it elsewhere, and is offered first.
  void adopt(int fd, Bytes unread = {});

  PeerHost& host() noexcept { return host_; }
  net::Stream& stream() noexcept { return stream_; }
  Phase* phase() noexcept { return phase_.get(); }
  bool is_dead() const noexcept { return dead_; }
  std::optional<net::TcpInfo> tcp_info();

  // Deadlines are by this clock, which leaves out what the loop has missed.
  net::Clock::time_point now() const noexcept { return host_.reactor().fair_now(); }
  void arm(net::Clock::time_point deadline) { host_.reactor().arm_fairly(*this, deadline); }
  void disarm() noexcept { host_.reactor().disarm_fairly(*this); }
  using net::Timer::armed;

  // Closes at once and dies at the end of the turn; the phase is told then, why.
  void drop(std::error_code reason = {}) noexcept;
  // The same with RST.
  void abort() noexcept;
  // The phase has a successor: it takes over when on_bytes() returns.
  void switch_soon() noexcept { switching_ = true; }
  // No handler is called any more: the user has destroyed the endpoint.
  void mute() noexcept { muted_ = true; }

  MutableBytes on_bytes(MutableBytes bytes) override;
  MutableBytes receive_target() override { return phase_->receive_target(); }
  void on_received_in_place(std::size_t size) override;
  void on_offered_again(std::size_t size) override { host_.counters().bytes_received -= size; }
  void on_end_of_stream() override { phase_->on_end_of_stream(); }
  void on_hang_up_seen() override { phase_->on_hang_up_seen(); }
  void on_written(std::size_t size) override { host_.counters().bytes_sent += size; }
  void on_drained() override { phase_->on_drained(); }
  void on_closed(std::error_code error) override;

 private:
  void on_timer() override;
  void destroy() override;
  [[gnu::noinline]] MutableBytes offer_to_successors(MutableBytes rest);
  void switch_phase();

  // First, because these fill what Timer leaves of its last word.
  std::int16_t error_ = 0;  // the errno it died of
  bool dead_ : 1 = false;
  bool muted_ : 1 = false;
  bool switching_ : 1 = false;
  PeerHost& host_;
  net::Stream stream_;
  std::unique_ptr<Phase> phase_;
  ConnectionId id_;
};

template <class F>
bool PeerHost::call(F&& handler) noexcept {
  bool returned = false;
  reactor().guard([&] {
    handler();
    returned = true;
  });
  return returned;
}

}  // namespace duplex::endpoint
