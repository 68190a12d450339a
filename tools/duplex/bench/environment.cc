// What a result must say about the machine that it was measured on.
#include "environment.h"

#include <sys/utsname.h>

#include <chrono>
#include <fstream>
#include <string>
#include <thread>

#include "duplex/version.h"
#include "measure/format.h"

namespace duplex::tools {
namespace {

std::string first_line(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string processor_model() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) {
      return line.substr(colon + 2);
    }
  }
  return "unknown";
}

// The mean cost of reading the clock that every latency comes from.
std::string clock_cost() {
  using Clock = std::chrono::steady_clock;
  constexpr int reads = 10'000;
  const auto start = Clock::now();
  for (int i = 1; i < reads; ++i) static_cast<void>(Clock::now());
  return measure::format_duration((Clock::now() - start) / double{reads});
}

}  // namespace

Environment describe_environment() {
  utsname name = {};
  uname(&name);
  return {{"duplex", DUPLEX_VERSION},
          {"compiler", __VERSION__},
          {"kernel", std::string(name.sysname) + " " + name.release + " " + name.machine},
          {"processor", processor_model()},
          {"processors", std::to_string(std::thread::hardware_concurrency())},
          {"clocksource",
           first_line("/sys/devices/system/clocksource/clocksource0/current_clocksource")},
          {"clock_cost", clock_cost()},
          {"load_average", first_line("/proc/loadavg")}};
}

}  // namespace duplex::tools
