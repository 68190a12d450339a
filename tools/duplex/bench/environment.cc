// What a result must say about the machine that it was measured on.
#include "environment.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>

#include "duplex/version.h"
#include "measure/format.h"

// DUPLEX_COMMIT and DUPLEX_FLAGS; the Makefile writes it.
#if __has_include("build_facts.inc")
#include "build_facts.inc"
#else
#define DUPLEX_COMMIT "unknown"
#define DUPLEX_FLAGS "unknown"
#endif

namespace duplex::tools {
namespace {

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line.empty() ? "unknown" : line;
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

// The processor says whether a hypervisor is below; what runs there, the system's name of its
// hardware.
std::string virtual_machine() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("flags") && line.find(" hypervisor") != std::string::npos) {
      return "yes: " + first_line("/sys/class/dmi/id/sys_vendor");
    }
  }
  return "no, as far as the processor tells";
}

std::string container() {
  if (access("/.dockerenv", F_OK) == 0) return "docker";
  if (access("/run/.containerenv", F_OK) == 0) return "podman";
  std::ifstream file("/proc/1/environ");
  for (std::string entry; std::getline(file, entry, '\0');) {
    if (entry.starts_with("container=")) return entry.substr(10);
  }
  return "none found";
}

// What the processor was found vulnerable to and how the kernel works around it, in short.
std::string mitigations() {
  std::string text;
  for (const std::string_view name : {"spectre_v2", "meltdown", "retbleed", "mds"}) {
    const std::string path = "/sys/devices/system/cpu/vulnerabilities/" + std::string(name);
    text += (text.empty() ? "" : "; ") + std::string(name) + ": " + first_line(path);
  }
  return text;
}

void add_sysctls(Environment& environment) {
  for (const std::string name :
       {"tcp_autocorking", "tcp_congestion_control", "tcp_notsent_lowat", "tcp_rmem",
        "tcp_slow_start_after_idle", "tcp_timestamps", "tcp_wmem"}) {
    environment["net.ipv4." + name] = first_line("/proc/sys/net/ipv4/" + name);
  }
  environment["net.core.somaxconn"] = first_line("/proc/sys/net/core/somaxconn");
}

}  // namespace

// The mean of many.
std::string clock_cost() {
  using Clock = std::chrono::steady_clock;
  constexpr int reads = 10'000;
  const auto start = Clock::now();
  for (int i = 1; i < reads; ++i) static_cast<void>(Clock::now());
  return measure::format_duration((Clock::now() - start) / double{reads});
}

Environment describe_environment(const std::string& command_line) {
  utsname name = {};
  uname(&name);
  Environment environment = {
      {"duplex", DUPLEX_VERSION},
      {"commit", DUPLEX_COMMIT},
      {"compiler", __VERSION__},
      {"compiler_flags", DUPLEX_FLAGS},
      {"command_line", command_line},
      {"kernel", std::string(name.sysname) + " " + name.release + " " + name.machine},
      {"processor", processor_model()},
      {"processors", std::to_string(std::thread::hardware_concurrency())},
      {"governor", first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")},
      {"clocksource",
       first_line("/sys/devices/system/clocksource/clocksource0/current_clocksource")},
      {"clock_cost", clock_cost()},
      {"virtual_machine", virtual_machine()},
      {"container", container()},
      {"mitigations", mitigations()},
      {"load_average", first_line("/proc/loadavg")}};
  add_sysctls(environment);
  return environment;
}

}  // namespace duplex::tools
