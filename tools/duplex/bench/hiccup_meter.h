// A thread that sleeps a millisecond again and again, and notes how late it woke: what it suffers,
// a measured client suffers too.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include "machine_watch.h"

namespace duplex::tools {

// Owner: `bench`. The thread has the scheduling that the caller has when it makes the meter.
class HiccupMeter final : public MachineWatch {
 public:
  // `other_cpu`: seconds that threads of this process have used that are no client's.
  explicit HiccupMeter(std::function<double()> other_cpu);
  ~HiccupMeter() override;
  HiccupMeter(const HiccupMeter&) = delete;
  HiccupMeter& operator=(const HiccupMeter&) = delete;

  void begin_block() override;
  Noise end_block() override;
  double client_cpu_seconds() override;

 private:
  void sleep_until_stopped();

  std::function<double()> other_cpu_;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::int64_t> worst_{0};  // nanoseconds, since begin_block()
  Noise before_ = {};
  std::thread thread_;
};

}  // namespace duplex::tools
