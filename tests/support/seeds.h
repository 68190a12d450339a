// Runs a test under many seeds and says which one failed. DUPLEX_SEED=n runs that one alone,
// DUPLEX_SEEDS=n has the random walks take the seeds 1 to n instead of a thousand.
#pragma once

#include <gtest/gtest.h>

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace duplex::support {

inline std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  std::uint64_t number = otherwise;
  if (text != nullptr) std::from_chars(text, text + std::string_view(text).size(), number);
  return number;
}

// 0 when the environment names none.
inline std::uint64_t seed_from_environment() { return number_from_environment("DUPLEX_SEED", 0); }

// Calls `body(seed)` for the seeds 1 to `count`, until one fails.
template <class F>
void for_each_seed(std::uint64_t count, F&& body) {
  const std::uint64_t only = seed_from_environment();
  const std::uint64_t first = only != 0 ? only : 1;
  const std::uint64_t last = only != 0 ? only : count;
  for (std::uint64_t seed = first; seed <= last && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("again with DUPLEX_SEED=" + std::to_string(seed));
    body(seed);
  }
}

}  // namespace duplex::support
