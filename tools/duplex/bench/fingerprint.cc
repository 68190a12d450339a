// Where, with what and how something was measured.
#include "fingerprint.h"

#include <initializer_list>
#include <string_view>

#include "../printable.h"

namespace duplex::tools {
namespace {

// A name in the environment, and what stands before its value.
struct Fact {
  std::string_view name;
  std::string_view before;
};

// The facts that are known, or nothing.
std::string line_of(std::string_view title, const Environment& environment,
                    std::initializer_list<Fact> facts) {
  std::string line;
  for (const Fact& fact : facts) {
    const auto found = environment.find(std::string(fact.name));
    if (found == environment.end()) continue;
    line += (line.empty() ? "" : ", ") + std::string(fact.before) + one_line(found->second);
  }
  return line.empty() ? line : std::string(title) + ": " + line + "\n";
}

}  // namespace

std::string fingerprint(const Environment& environment, std::uint64_t seed) {
  if (environment.empty()) return {};
  return line_of("machine", environment,
                 {{"kernel", ""},
                  {"processor", ""},
                  {"processors", "processors: "},
                  {"virtual_machine", "virtual machine: "}}) +
         line_of("program", environment,
                 {{"duplex", "duplex "}, {"commit", "commit "}, {"compiler", "compiler "}}) +
         line_of("command", environment, {{"command_line", ""}}) + "seed: " + std::to_string(seed) +
         "\n";
}

}  // namespace duplex::tools
