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
//
// Of a process that has ended, or is about to, no more than its name is left until its parent has
// asked: its state is Z, and the size of its memory (field 23) is 0 even before that.
std::optional<ProcessUse> parse_stat(const std::string& text) {
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string word;
  ProcessUse use;
  for (int field = 3; fields >> word; ++field) {
    if (field == 3 && (word == "Z" || word == "X")) return std::nullopt;
    if (field == 23 && word == "0") return std::nullopt;
    if (field == 14 || field == 15) {
      use.cpu_seconds += std::stod(word) / static_cast<double>(sysconf(_SC_CLK_TCK));
    }
    if (field == 24) {
      use.resident_size = std::stoull(word) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    }
  }
  return use;
}

std::string folder_of(pid_t process) { return "/proc/" + std::to_string(process); }

// All but the descriptors.
std::optional<ProcessUse> read_stat(pid_t process) {
  const std::string stat = read_file(folder_of(process) + "/stat");
  if (stat.empty()) return std::nullopt;
  return parse_stat(stat);
}

}  // namespace

std::optional<ProcessUse> process_use(pid_t process) {
  auto use = read_stat(process);
  if (use) use->descriptors = entry_count(folder_of(process) + "/fd");
  return use;
}

std::optional<std::uint64_t> resident_size(pid_t process) {
  const auto use = read_stat(process);
  if (!use) return std::nullopt;
  return use->resident_size;
}

}  // namespace duplex::tools
