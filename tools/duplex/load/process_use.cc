// What a process has used so far: proc(5).
#include "process_use.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace duplex::tools {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::uint64_t entry_count(const std::string& folder) {
  std::error_code error;
  std::uint64_t count = 0;
  for (auto entry = std::filesystem::directory_iterator(folder, error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    ++count;
  }
  return count;
}

// /proc/PID/stat: fields 14 and 15 are ticks, field 24 is pages. The second, in parentheses, may
// hold anything, so counting begins behind it.
ProcessUse parse_stat(const std::string& text) {
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string word;
  ProcessUse use;
  for (int field = 3; fields >> word; ++field) {
    if (field == 14 || field == 15) {
      use.cpu_seconds += std::stod(word) / static_cast<double>(sysconf(_SC_CLK_TCK));
    }
    if (field == 24) {
      use.resident_size = std::stoull(word) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    }
  }
  return use;
}

}  // namespace

std::optional<ProcessUse> process_use(pid_t process) {
  const std::string folder = "/proc/" + std::to_string(process);
  const std::string stat = read_file(folder + "/stat");
  if (stat.empty()) return std::nullopt;
  ProcessUse use = parse_stat(stat);
  use.descriptors = entry_count(folder + "/fd");
  return use;
}

}  // namespace duplex::tools
