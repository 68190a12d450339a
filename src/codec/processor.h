// What the processor that runs the program can do, and the choice that follows from it.
#pragma once

#include <algorithm>

namespace duplex::codec {

inline bool always_supported() noexcept { return true; }

#if defined(__x86_64__)
inline bool has_avx2() noexcept {
  __builtin_cpu_init();  // needed when a constructor of some static object asks
  return __builtin_cpu_supports("avx2") != 0;
}
inline bool has_bmi2() noexcept {
  __builtin_cpu_init();
  return __builtin_cpu_supports("bmi2") != 0;
}
inline bool has_ssse3() noexcept {
  __builtin_cpu_init();
  return __builtin_cpu_supports("ssse3") != 0;
}
#endif

// The function of the first supported variant; the last variant is always supported.
template <class Variants>
auto best_function(const Variants& variants) noexcept {
  const auto supported = [](const auto& variant) { return variant.supported(); };
  return std::find_if(variants.begin(), variants.end(), supported)->function;
}

}  // namespace duplex::codec
