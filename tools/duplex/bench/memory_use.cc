// Memory of a process and of the kernel's network.
#include "memory_use.h"

#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace duplex::tools {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The number behind `name`, which begins a line or follows a space.
std::optional<double> number_behind(std::string_view text, std::string_view name) {
  for (std::size_t at = 0; (at = text.find(name, at)) != std::string_view::npos; ++at) {
    if (at > 0 && text[at - 1] != '\n' && text[at - 1] != ' ') continue;
    const std::size_t digits = text.find_first_not_of(" \t", at + name.size());
    if (digits == std::string_view::npos) return std::nullopt;
    double number = 0;
    const char* const last = text.data() + text.size();
    if (std::from_chars(text.data() + digits, last, number).ec != std::errc()) return std::nullopt;
    return number;
  }
  return std::nullopt;
}

}  // namespace

std::optional<double> kilobytes_of(std::string_view text, std::string_view name) {
  const auto number = number_behind(text, name);
  return number ? std::optional(*number * 1024) : std::nullopt;
}

std::optional<double> tcp_pages_of(std::string_view text) {
  const std::size_t line = text.find("TCP:");
  if (line == std::string_view::npos) return std::nullopt;
  return number_behind(text.substr(line, text.find('\n', line) - line), "mem ");
}

std::optional<double> sleeps_of(std::string_view text) {
  return number_behind(text, "voluntary_ctxt_switches:");
}

MemoryUse memory_use(pid_t process) {
  const std::string folder = "/proc/" + std::to_string(process);
  const double user = kilobytes_of(read_file(folder + "/smaps_rollup"), "Pss:").value_or(0);
  const double slabs = kilobytes_of(read_file("/proc/meminfo"), "Slab:").value_or(0);
  const double pages = tcp_pages_of(read_file("/proc/net/sockstat")).value_or(0);
  return {.user = user, .kernel = slabs + pages * static_cast<double>(sysconf(_SC_PAGESIZE))};
}

double wake_ups_of(pid_t process) {
  std::error_code error;
  double sum = 0;
  const std::string folder = "/proc/" + std::to_string(process) + "/task";
  for (auto task = std::filesystem::directory_iterator(folder, error);
       !error && task != std::filesystem::directory_iterator(); task.increment(error)) {
    sum += sleeps_of(read_file(task->path() / "status")).value_or(0);
  }
  return sum;
}

}  // namespace duplex::tools
