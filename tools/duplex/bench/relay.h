// A link with a delay: forwards TCP connections and holds every byte back, the same time each way.
//
// What it cannot hold back is TCP itself: the three-way handshake and the acknowledgements stay
// local. Everything above them sees a path of that one-way delay.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <thread>
#include <vector>

#include "../poll_set.h"
#include "duplex/net/linux_kernel.h"
#include "relay_counters.h"

namespace duplex::tools {

// Owner and thread: whoever calls turn(); wake() from any thread. `kernel` must outlive it.
class Relay {
 public:
  Relay(net::Kernel& kernel, std::chrono::nanoseconds delay);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  // Listens on `address` (whose port may be 0) and forwards to `target`. Returns where it listens.
  // Throws std::system_error. Before the first turn.
  net::Address forward(net::Address address, net::Address target);

  // Waits at most `max_wait` (negative: for ever) for something to forward, and forwards it.
  void turn(std::chrono::nanoseconds max_wait);
  void wake() noexcept { poll_.wake(); }
  std::size_t link_count() const noexcept { return links_.size(); }
  RelayCounters counters() const noexcept;

 private:
  struct Route {
    int listener = -1;
    net::Address target;
  };
  // One end of a link: the socket of the client or that towards the target.
  struct End {
    int fd = -1;
    std::size_t side = 0;  // 0: of the client
    std::uint32_t interest = 0;
    bool read_ended = false;         // it has said all it has to say
    bool write_ended = false;        // it has heard that the other end has
    bool end_owed = false;           // ... and shall hear it once `blocked` has gone
    bool hung_up = false;            // not watched any more
    std::size_t held = 0;            // bytes on their way to it
    std::vector<std::byte> blocked;  // of these, what its socket would not take
  };
  using Link = std::array<End, 2>;
  struct Held {
    net::Clock::time_point due;
    std::uint64_t link = 0;
    std::size_t side = 0;          // where it goes
    std::vector<std::byte> bytes;  // empty: the end of the stream, or
    bool reset = false;            // of the connection
  };

  void accept_all(const Route& route);
  void on_ready(std::uint64_t id, std::size_t side, std::uint32_t events);
  void read(std::uint64_t id, std::size_t side, Link& link);
  void release_due();
  void deliver(Link& link, Held& held);
  bool flush(End& end);  // false: the connection is broken
  void update(std::uint64_t id, Link& link);
  void drop(std::uint64_t id);
  void reset(const Held& held);

  net::Kernel& kernel_;
  std::chrono::nanoseconds delay_;
  PollSet poll_;
  std::vector<Route> routes_;
  std::map<std::uint64_t, Link> links_;  // ids are never used again
  std::uint64_t next_id_ = 0;
  std::deque<Held> held_;                    // one delay for all: in the order of their due times
  std::array<RelayDirection, 2> done_ = {};  // by the side that sends; without what is on the way
  std::vector<std::byte> buffer_;
};

// A relay on a thread of its own.
class RelayThread {
 public:
  explicit RelayThread(std::chrono::nanoseconds delay) : relay_(kernel_, delay) {}
  ~RelayThread();

  net::Address forward(const net::Address& target);  // from a free port of 127.0.0.1
  void start();
  void stop();                     // what is on the way stays there
  RelayCounters counters() const;  // before start(), or after stop()
  double cpu_seconds();            // that the thread has used so far

 private:
  net::LinuxKernel kernel_;
  Relay relay_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace duplex::tools
