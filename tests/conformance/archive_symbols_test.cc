// What the library's objects ask of the outside, read from libduplex.a itself: only the objects
// behind the kernel seam may make system calls, read a clock or take random bytes.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace duplex::conformance {
namespace {

using Symbols = std::set<std::string>;

struct Archive {
  std::map<std::string, Symbols> undefined;  // by object, "linux_kernel.o"
  Symbols defined;                           // by any of them
};

// The test program is <variant>/tests/conformance_tests, the library <variant>/libduplex.a.
std::string archive_path() {
  std::array<char, 4096> path = {};
  const auto size = readlink("/proc/self/exe", path.data(), path.size());
  const std::string_view program(path.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  const auto folder = program.substr(0, program.rfind("/tests/"));
  return std::string(folder) + "/libduplex.a";
}

std::vector<std::string> lines_of(const std::string& command) {
  const auto close = [](std::FILE* file) { pclose(file); };
  const std::unique_ptr<std::FILE, decltype(close)> pipe(popen(command.c_str(), "r"), close);
  std::vector<std::string> lines;
  std::array<char, 16384> line = {};
  while (pipe && std::fgets(line.data(), line.size(), pipe.get()) != nullptr) {
    lines.emplace_back(line.data());
    if (lines.back().ends_with('\n')) lines.back().pop_back();
  }
  return lines;
}

// A line of `nm -P -A`: "libduplex.a[object.o]: symbol type value size".
void add_line(Archive& archive, const std::string& line) {
  const auto open = line.find('[');
  const auto close = line.find("]: ");
  if (open == std::string::npos || close == std::string::npos) return;
  const auto object = line.substr(open + 1, close - open - 1);
  const auto end = line.find(' ', close + 3);
  const auto symbol = line.substr(close + 3, end - close - 3);
  if (line.compare(end, 2, " U") == 0) {
    archive.undefined[object].insert(symbol);
  } else {
    archive.defined.insert(symbol);
  }
}

const Archive& archive() {
  static const Archive read = [] {
    Archive result;
    for (const auto& line : lines_of("nm -P -A '" + archive_path() + "'")) add_line(result, line);
    return result;
  }();
  return read;
}

bool starts_with_any(std::string_view symbol, const auto& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return symbol.starts_with(prefix); });
}

// C functions that compute: everything in memory.
bool computes(const std::string& symbol) {
  static const std::set<std::string_view> names = {
      "memcpy",    "memmove", "memset",    "memcmp", "memchr", "memrchr",      "bcmp",  "strlen",
      "strcmp",    "strncmp", "snprintf",  "abort",  "exp",    "log",          "log2",  "log10",
      "log1p",     "expm1",   "pow",       "sqrt",   "floor",  "ceil",         "round", "lround",
      "llround",   "lgamma",  "erf",       "erfc",   "fmod",   "ldexp",        "frexp", "hypot",
      "cos",       "sin",     "nearbyint", "trunc",  "lrint",  "llrint",       "modf",  "tgamma",
      "nextafter", "fmin",    "fmax",      "exp2",   "strchr", "__assert_fail"};
  return names.contains(symbol);
}

// What compilers and sanitizers put in by themselves, and C++ without its doors to the system.
bool belongs_to_the_language(const std::string& symbol) {
  static const std::vector<std::string_view> doors = {
      "_ZNSt6chrono",          "_ZNSt13random_device",
      "_ZNSt6thread",          "_ZNSt10filesystem",
      "_ZNKSt10filesystem",    "_ZNSt14basic_ifstream",
      "_ZNSt14basic_ofstream", "_ZSt4cout",
      "_ZNSt13basic_filebuf",  "_ZSt4cerr"};
  static const std::vector<std::string_view> ours = {"_Z",
                                                     "__cxa_",
                                                     "__gxx_",
                                                     "__gcc_personality_",
                                                     "_Unwind_",
                                                     "__asan_",
                                                     "__tsan_",
                                                     "__ubsan_",
                                                     "__sanitizer_",
                                                     "__gcov_",
                                                     "__stack_chk_",
                                                     "__dso_handle",
                                                     "__tls_get_addr",
                                                     "__cpu_",
                                                     "__libc_single_threaded",
                                                     "_GLOBAL_OFFSET_TABLE_"};
  return starts_with_any(symbol, ours) && !starts_with_any(symbol, doors);
}

// The seam itself, and threads where threads meet: by name of the object.
bool may_leave(const std::string& object, const std::string& symbol) {
  static const std::set<std::string_view> seam = {"linux_kernel.o", "linux_readiness.o",
                                                  "linux_tcp_info.o"};
  static const std::map<std::string_view, std::set<std::string_view>> others = {
      {"mailbox.o", {"pthread_mutex_lock", "pthread_mutex_unlock"}},     // tasks from other threads
      {"loop_group.o", {"pthread_mutex_lock", "pthread_mutex_unlock"}},  // what loops share
      {"session_loops.o", {"pthread_mutex_lock", "pthread_mutex_unlock"}},  // where sessions are
      {"address.o", {"inet_pton", "inet_ntop"}},                            // text only
      // A look-up waits in a thread of its own; what it calls there, it calls through the seam.
      {"resolver.o",
       {"_ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE",
        "_ZNSt6thread6_StateD2Ev", "_ZNSt6thread6detachEv", "_ZTINSt6thread6_StateE",
        "pthread_create", "pthread_sigmask", "sigfillset", "nanosleep", "__errno_location"}}};
  if (seam.contains(object)) return true;
  const auto known = others.find(object);
  return known != others.end() && known->second.contains(symbol);
}

Symbols foreign_symbols(const std::string& object, const Symbols& undefined) {
  Symbols foreign;
  for (const auto& symbol : undefined) {
    if (archive().defined.contains(symbol) || computes(symbol)) continue;
    if (belongs_to_the_language(symbol) || may_leave(object, symbol)) continue;
    foreign.insert(symbol);
  }
  return foreign;
}

TEST(ArchiveSymbols, ListsTheObjectsOfTheLibrary) {
  EXPECT_TRUE(archive().undefined.contains("linux_kernel.o")) << archive_path();
  EXPECT_GT(archive().undefined.size(), 10U) << archive_path();
}

// So nothing here can write a log, which might block the loop.
TEST(ArchiveSymbols, R65OnlyTheSeamReachesTheOperatingSystem) {
  for (const auto& [object, undefined] : archive().undefined) {
    for (const auto& symbol : foreign_symbols(object, undefined)) {
      ADD_FAILURE() << object << " may not use " << symbol;
    }
  }
}

// The rule above would say nothing if it called everything harmless.
TEST(ArchiveSymbols, KnowsSystemCallsAndClocksWhenItSeesThem) {
  for (const std::string symbol : {"socket",
                                   "accept4",
                                   "recv",
                                   "sendmsg",
                                   "writev",
                                   "epoll_wait",
                                   "read",
                                   "open64",
                                   "close",
                                   "clock_gettime",
                                   "getrandom",
                                   "getaddrinfo",
                                   "syscall",
                                   "fopen",
                                   "printf",
                                   "getenv",
                                   "exit",
                                   "_ZNSt6chrono3_V212steady_clock3nowEv",
                                   "_ZNSt6chrono3_V212system_clock3nowEv",
                                   "_ZNSt13random_device9_M_getvalEv",
                                   "_ZNSt6thread4joinEv",
                                   "_ZSt4cout"}) {
    EXPECT_EQ(foreign_symbols("frame_parser.o", {symbol}), Symbols{symbol});
  }
}

TEST(ArchiveSymbols, TheSeamIsWhereTheCallsAre) {
  const auto calls = foreign_symbols("any_other.o", archive().undefined.at("linux_kernel.o"));
  for (const std::string symbol : {"socket", "accept4", "recv", "close"}) {
    EXPECT_TRUE(calls.contains(symbol)) << symbol;
  }
}

}  // namespace
}  // namespace duplex::conformance
