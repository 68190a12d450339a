// The wire below one connection: two paths, one for each direction, each with a delay, a bandwidth
// and its own misfortunes. Owner: shared by the connection's two sockets.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "duplex/net/kernel.h"

namespace duplex::simulation {

class World;

// One direction. What is sent at t arrives at t + queueing + serialisation + delay exactly.
struct LinkOptions {
  std::chrono::nanoseconds delay{0};     // one way
  std::uint64_t bytes_per_second = 0;    // 0: unlimited
  std::chrono::nanoseconds jitter{0};    // up to this much more per segment; order is kept
  std::size_t segment_size = 64 * 1024;  // the most payload of one segment, as on loopback
  std::size_t segment_overhead = 0;      // bytes of headers that cost bandwidth, per segment
  double split_rate = 0;                 // a segment is cut at a random place; pieces 1 ns apart
  double loss_rate = 0;                  // a segment, and so what follows it, is late by ...
  std::chrono::nanoseconds retransmission_delay = std::chrono::milliseconds(200);
};

class Path : public std::enable_shared_from_this<Path> {
 public:
  using Arrival = std::function<void()>;

  Path(World& world, LinkOptions options) : world_(world), options_(options) {}

  // Carries a segment of `size` payload bytes; `arrival` runs when its last byte is there. Segments
  // never overtake each other.
  void carry(std::size_t size, Arrival arrival);
  // Carries a bare acknowledgement: no serialisation, and it does not queue behind data.
  void carry_acknowledgement(Arrival arrival);

  const LinkOptions& options() const noexcept { return options_; }
  void set_options(const LinkOptions& options) noexcept { options_ = options; }

  // A black hole: nothing arrives any more, not even what is under way already. unblock() lets it
  // all arrive, as if retransmitted.
  void block() noexcept { blocked_ = true; }
  void unblock();
  bool blocked() const noexcept { return blocked_; }
  void drop_blocked() { const auto dropped = std::exchange(parked_, {}); }  // never to arrive

  std::size_t bytes_in_flight() const noexcept { return bytes_in_flight_; }

 private:
  void schedule(net::Clock::time_point time, std::size_t size, Arrival arrival);
  void arrive(std::size_t size, Arrival& arrival);

  struct Parked {
    std::size_t size = 0;
    Arrival arrival;
  };

  World& world_;
  LinkOptions options_;
  net::Clock::time_point free_at_{};       // when the sender's end has put out all it was given
  net::Clock::time_point last_arrival_{};  // keeps the order when the delay shrinks
  std::size_t bytes_in_flight_ = 0;
  bool blocked_ = false;
  std::vector<Parked> parked_;
};

class Link {
 public:
  Link(World& world, const LinkOptions& toward_server, const LinkOptions& toward_client);

  Path& toward_server() noexcept { return *toward_server_; }
  Path& toward_client() noexcept { return *toward_client_; }

  void set_options(const LinkOptions& both);
  void block();
  void unblock();
  void drop_blocked();
  bool blocked() const noexcept { return toward_server_->blocked() || toward_client_->blocked(); }
  std::size_t bytes_in_flight() const noexcept;

 private:
  std::shared_ptr<Path> toward_server_;
  std::shared_ptr<Path> toward_client_;
};

}  // namespace duplex::simulation
