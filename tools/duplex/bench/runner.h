// Runs the blocks of a bench, one after the other, against one server.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "arm.h"
#include "block.h"
#include "machine_watch.h"
#include "plan.h"
#include "resetting_kernel.h"
#include "server_clock.h"
#include "warm_up.h"

namespace duplex::tools {

// Where the server is reached: directly for its counters, perhaps through a relay for the clients.
struct Endpoints {
  std::string direct;  // "127.0.0.1:4711"
  std::string http;
  std::string tcp = {};
};

// What a block has beside the clients; none of it in virtual time, unless a test brings it.
struct Instruments {
  MachineWatch* machine = nullptr;
  WireWatch* wire = nullptr;
  Farewell* farewell = nullptr;  // of the clients
};

struct BenchFailure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Owner and thread: `bench`. It turns the loop itself, so that a block reads from top to bottom.
//
// What is still under way when a block has been measured arrives while the next arm connects, so
// that no time is lost: each block is handed out by the call after its own.
class BenchRunner {
 public:
  BenchRunner(EventLoop& loop, const BenchOptions& options, const std::vector<ArmSpec>& arms,
              const Endpoints& endpoints, const Instruments& instruments = {});
  ~BenchRunner();

  // Lets the first arm run until it has warmed up, or `stopped`. Throws like run().
  WarmUp warm_up(const std::function<bool()>& stopped = [] { return false; });
  // Measures a block, and returns the one before it. Throws BenchFailure when the server cannot be
  // reached or hangs up.
  std::optional<Block> run(const PlannedBlock& planned);
  // The last one.
  std::optional<Block> finish();
  // All of them.
  std::vector<Block> run_all(const std::vector<PlannedBlock>& planned);
  // What is known of the server's clock now; nothing when it is ours.
  std::optional<ForeignClock> look_at_clock();
  // Called now and then while a block runs.
  void on_tick(std::function<void()> handler) { on_tick_ = std::move(handler); }
  // Ends a block that is under way with BenchFailure.
  void abort() { fail("aborted"); }

 private:
  using Samples = std::map<std::string, double>;
  struct Course;  // of a block: its clients, and what they got

  template <class Done>
  bool turn_until(Done done, std::chrono::nanoseconds limit);
  void wait(std::chrono::nanoseconds time);
  void fail(const std::string& why);
  std::string ask(std::string_view path);  // of the server directly
  Samples scrape();
  void calibrate();
  double scrape_cpu_seconds();
  void compare_clocks();
  ClockReading read_clock();
  void demand_known_clock(const Course& course, std::chrono::nanoseconds length) const;
  ArmSettings arm_settings() const;
  std::chrono::nanoseconds slowest() const;  // what an event takes, and the answer to a poll

  std::unique_ptr<Course> connect(std::size_t arm);
  void measure(Course& course, const PlannedBlock& planned);
  void begin_window(Course& course);
  void end_window(Course& course);
  void add_received(const Course& course, Block& block) const;
  void dismiss(std::unique_ptr<Course> course) const;
  bool has_drained() const;
  std::optional<double> first_event(const Course& course) const;

  EventLoop& loop_;
  const BenchOptions& options_;
  const std::vector<ArmSpec>& arms_;
  Endpoints endpoints_;
  Instruments instruments_;
  HttpClient metrics_client_;
  measure::Random random_;
  net::Clock::time_point start_;
  std::uint64_t newest_ = 0;  // event of the feed
  std::size_t block_count_ = 0;
  ServerClock server_clock_;
  net::Clock::time_point answered_ = {};  // when the last answer to ask() came
  Costs scrape_cost_ = {};  // of reading /metrics once, without the answer's body, whose
  double answer_size_ = 0;  // bytes grow with its numbers: those of the last one
  std::unique_ptr<Course> draining_;
  std::string failure_;
  std::function<void()> on_tick_;
};

}  // namespace duplex::tools
