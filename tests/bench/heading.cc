// What stands beside every figure; see heading.h.
#include "heading.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>

namespace duplex::bench {
namespace {

std::string processor() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown processor";
}

std::string first_line_of(const char* command) {
  std::array<char, 256> line = {};
  FILE* pipe = popen(command, "r");
  if (pipe == nullptr) return {};
  if (std::fgets(line.data(), static_cast<int>(line.size()), pipe) == nullptr) line[0] = '\0';
  pclose(pipe);
  std::string text = line.data();
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace

void print_heading(const char* title) {
  utsname system{};
  uname(&system);
#if defined(__clang__)
  const char* compiler = "clang " __clang_version__;
#else
  const char* compiler = "g++ " __VERSION__;
#endif
  const std::string commit =
      first_line_of("git describe --always --dirty --exclude '*' 2>/dev/null");
  std::printf("\n%s\n", title);
  std::printf("%s, %ld cores | %s %s | %s | commit %s\n", processor().c_str(),
              sysconf(_SC_NPROCESSORS_ONLN), system.sysname, system.release, compiler,
              commit.empty() ? "unknown" : commit.c_str());
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  if (values.size() % 2 == 1) return values[middle];
  return (values[middle - 1] + values[middle]) / 2;
}

bool is_quick(int argc, char** argv) {
  return std::any_of(argv, argv + argc,
                     [](const char* word) { return std::strcmp(word, "--quick") == 0; });
}

}  // namespace duplex::bench
