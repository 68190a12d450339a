// A thread that sleeps a millisecond again and again.
#include "hiccup_meter.h"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <utility>

#include "cpu_time.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// "cpu user nice system idle iowait irq softirq steal ...", in ticks.
double steal_seconds() {
  std::ifstream file("/proc/stat");
  std::string name;
  double ticks = 0;
  file >> name;
  for (int column = 0; column < 8; ++column) file >> ticks;
  return file ? ticks / static_cast<double>(sysconf(_SC_CLK_TCK)) : 0;
}

double involuntary_switches() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_nivcsw);
}

}  // namespace

HiccupMeter::HiccupMeter(std::function<double()> other_cpu)
    : other_cpu_(std::move(other_cpu)), thread_([this] { sleep_until_stopped(); }) {}

HiccupMeter::~HiccupMeter() {
  stopping_ = true;
  thread_.join();
}

void HiccupMeter::sleep_until_stopped() {
  while (!stopping_) {
    const auto due = Clock::now() + 1ms;
    std::this_thread::sleep_until(due);
    const std::int64_t late = std::chrono::nanoseconds(Clock::now() - due).count();
    std::int64_t worst = worst_;
    while (worst < late && !worst_.compare_exchange_weak(worst, late)) {
    }
  }
}

void HiccupMeter::begin_block() {
  worst_ = 0;
  before_ = {.steal_seconds = steal_seconds(), .involuntary_switches = involuntary_switches()};
}

Noise HiccupMeter::end_block() {
  return {.hiccup = 1e-9 * static_cast<double>(worst_.load()),
          .steal_seconds = steal_seconds() - before_.steal_seconds,
          .involuntary_switches = involuntary_switches() - before_.involuntary_switches};
}

double HiccupMeter::client_cpu_seconds() {
  return process_cpu_seconds() - cpu_seconds_of(thread_) - other_cpu_();
}

}  // namespace duplex::tools
