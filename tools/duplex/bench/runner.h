// Runs the blocks of a bench, one after the other, against one server.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "arm.h"
#include "block.h"
#include "plan.h"

namespace duplex::tools {

// Where the server is reached: directly for its counters, perhaps through a relay for the clients.
struct Endpoints {
  std::string direct;  // "127.0.0.1:4711"
  std::string http;
  std::string tcp = {};
};

struct BenchFailure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Owner and thread: `bench`. It turns the loop itself, so that a block reads from top to bottom.
class BenchRunner {
 public:
  BenchRunner(EventLoop& loop, const BenchOptions& options, const std::vector<ArmSpec>& arms,
              const Endpoints& endpoints);

  // Throws BenchFailure when the server cannot be reached or hangs up.
  Block run(const PlannedBlock& planned);
  // Called now and then while a block runs.
  void on_tick(std::function<void()> handler) { on_tick_ = std::move(handler); }
  // Ends a block that is under way with BenchFailure.
  void abort() { fail("aborted"); }

 private:
  using Samples = std::map<std::string, double>;

  template <class Done>
  bool turn_until(Done done, std::chrono::nanoseconds limit);
  void wait(std::chrono::nanoseconds time);
  void fail(const std::string& why);
  Samples scrape();
  void calibrate();
  ArmSettings arm_settings() const;

  EventLoop& loop_;
  const BenchOptions& options_;
  const std::vector<ArmSpec>& arms_;
  Endpoints endpoints_;
  HttpClient metrics_client_;
  measure::Random random_;
  Costs scrape_cost_ = {};  // of reading /metrics once
  std::string failure_;
  std::function<void()> on_tick_;
};

}  // namespace duplex::tools
