// One simulated world: the clock, the random numbers, the wires, and who listens where. All its
// kernels are processes of one host, so they share the addresses.
//
// Everything that happens follows from the seed and from what the code under test does. Time stands
// still while code runs; it moves only in advance() and advance_to(), which run what is due on the
// way. Owner: the test; must outlive its kernels. Thread: one.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "duplex/net/kernel.h"
#include "simulation/files.h"
#include "simulation/link.h"
#include "simulation/ports.h"
#include "simulation/random.h"
#include "simulation/trace.h"

namespace duplex::simulation {

class Socket;

struct WorldOptions {
  std::uint64_t seed = 1;
  LinkOptions link = {};                    // of new connections, both directions
  std::size_t send_buffer = 128 * 1024;     // bytes, per socket
  std::size_t receive_buffer = 128 * 1024;  // bytes, per socket
  bool shuffle_events = false;              // epoll reports in random order
  net::Clock::time_point start{std::chrono::seconds(1000)};
  std::chrono::system_clock::time_point wall_start{std::chrono::seconds(1'704'067'200)};
  std::uint16_t first_ephemeral_port = 32768;
  std::uint16_t last_ephemeral_port = 60999;
};

class World {
 public:
  // A time and, among those of the same time, a running number: things due at once run in the order
  // in which they were arranged.
  using EventId = std::pair<net::Clock::time_point, std::uint64_t>;
  using Action = std::function<void()>;

  explicit World(WorldOptions options = {});
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // --- Time
  net::Clock::time_point now() const noexcept { return now_; }
  net::Clock::duration elapsed() const noexcept { return now_ - options_.start; }
  std::chrono::system_clock::time_point wall_clock() const noexcept;
  void jump_wall_clock(std::chrono::seconds by) noexcept { wall_offset_ += by; }

  // Arranges for `action` to run at `time` (a past one means as soon as possible).
  EventId at(net::Clock::time_point time, Action action);
  EventId after(net::Clock::duration delay, Action action) {
    return at(now_ + delay, std::move(action));
  }
  void cancel(EventId id) noexcept { events_.erase(id); }
  std::optional<net::Clock::time_point> next_event() const;

  void settle() { advance_to(now_); }  // runs what is due by now
  bool advance();                      // to the next event, and runs it; false when there is none
  void advance_to(net::Clock::time_point time);
  void advance_by(net::Clock::duration duration) { advance_to(now_ + duration); }

  // While true, epoll_wait never moves the clock: it notes its deadline and returns. See Runner.
  void set_driven(bool driven) noexcept { driven_ = driven; }
  bool driven() const noexcept { return driven_; }

  // --- Wires
  void set_link(const LinkOptions& toward_server, const LinkOptions& toward_client);
  void set_link(const LinkOptions& both) { set_link(both, both); }
  std::vector<std::shared_ptr<Link>> links();  // those of live connections, oldest first
  std::shared_ptr<Link> make_link(const LinkOptions& toward_server,
                                  const LinkOptions& toward_client);
  const LinkOptions& link_toward_server() const noexcept { return options_.link; }
  const LinkOptions& link_toward_client() const noexcept { return toward_client_; }

  // --- For invariants
  std::size_t bytes_in_flight();
  bool is_quiet();  // no segment is under way (what a blocked path holds up does not count)
  std::size_t orphan_count() const noexcept { return orphans_.size(); }

  const WorldOptions& options() const noexcept { return options_; }
  Files& files() noexcept { return files_; }
  Ports& ports() noexcept { return ports_; }
  Trace& trace() noexcept { return trace_; }
  // Names for Kernel::resolve().
  void add_name(const std::string& host, std::vector<net::Address> addresses);
  const std::vector<net::Address>* find_name(const std::string& host) const;

  // --- For the rest of the simulation
  Random& network_random() noexcept { return network_random_; }
  Random& system_random() noexcept { return system_random_; }
  Random fork_random() noexcept { return Random(network_random_.next()); }
  std::uint64_t next_serial() noexcept { return ++last_serial_; }
  void segment_departed() noexcept { ++segments_in_flight_; }
  void segment_arrived() noexcept { --segments_in_flight_; }
  // Keeps a socket without descriptor until it has nothing left to do.
  void adopt(std::shared_ptr<Socket> orphan) { orphans_.insert(std::move(orphan)); }
  void release(const std::shared_ptr<Socket>& orphan) { orphans_.erase(orphan); }

 private:
  struct ByAge {
    bool operator()(const std::shared_ptr<Socket>& a, const std::shared_ptr<Socket>& b) const;
  };

  WorldOptions options_;
  LinkOptions toward_client_;
  net::Clock::time_point now_;
  std::chrono::system_clock::duration wall_offset_{0};
  std::map<EventId, Action> events_;
  std::uint64_t last_event_ = 0;
  std::uint64_t last_serial_ = 0;
  std::uint64_t segments_in_flight_ = 0;
  bool driven_ = false;
  Random network_random_;
  Random system_random_;
  Files files_;
  Ports ports_;
  Trace trace_;
  std::map<std::string, std::vector<net::Address>> names_;
  std::vector<std::weak_ptr<Link>> links_;
  std::set<std::shared_ptr<Socket>, ByAge> orphans_;
};

}  // namespace duplex::simulation
