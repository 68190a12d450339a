// Runs a test under many seeds and says which one failed. DUPLEX_SEED=n runs that one alone.
#pragma once

#include <gtest/gtest.h>

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace duplex::support {

// 0 when the environment names none.
inline std::uint64_t seed_from_environment() {
  const char* const text = std::getenv("DUPLEX_SEED");
  std::uint64_t seed = 0;
  if (text != nullptr) std::from_chars(text, text + std::string_view(text).size(), seed);
  return seed;
}

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
