// From the kernel's "minus errno" to std::error_code.
#pragma once

#include <cstddef>
#include <string>
#include <system_error>

namespace duplex::net {

inline std::error_code error_of(std::ptrdiff_t result) noexcept {
  return {result < 0 ? static_cast<int>(-result) : 0, std::system_category()};
}

// For constructors: `result` when it is a value, else throws std::system_error.
inline int value_or_throw(int result, const std::string& what) {
  if (result < 0) throw std::system_error(error_of(result), what);
  return result;
}

}  // namespace duplex::net
