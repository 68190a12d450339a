// A fuzz target: a function that makes checks of any bytes, with GoogleTest's expectations.
//
// Each *_fuzz.cc registers one. The fuzzer of that name feeds it with bytes of its own making
// (libfuzzer.cc), the test program with those that are kept (corpus_test.cc).
#pragma once

#include <string_view>
#include <vector>

namespace duplex::fuzz {

struct Target {
  std::string_view name;
  void (*run)(std::string_view input);
};

// All that are linked into this program.
inline std::vector<Target>& targets() {
  static std::vector<Target> all;
  return all;
}

struct Registration {
  explicit Registration(Target target) { targets().push_back(target); }
};

}  // namespace duplex::fuzz
