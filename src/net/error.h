// From the kernel's "minus errno" to std::error_code.
#pragma once

#include <cstddef>
#include <exception>
#include <new>
#include <string>
#include <system_error>

namespace duplex::net {

inline std::error_code error_of(std::ptrdiff_t result) noexcept {
  return {result < 0 ? static_cast<int>(-result) : 0, std::system_category()};
}

// Inside a catch block: the system's reason if there is one; what else a step of ours throws is for
// want of memory.
inline std::error_code error_of_exception() noexcept {
  try {
    throw;
  } catch (const std::system_error& error) {
    return error.code();
  } catch (...) {
    return std::make_error_code(std::errc::not_enough_memory);
  }
}

// A sentence for a person; empty without memory, which may be what it would be about.
template <class F>
std::string sentence(F&& compose) noexcept {
  try {
    return compose();
  } catch (const std::bad_alloc&) {
    return {};
  }
}

// For constructors: `result` when it is a value, else throws std::system_error.
inline int value_or_throw(int result, const std::string& what) {
  if (result < 0) throw std::system_error(error_of(result), what);
  return result;
}

}  // namespace duplex::net
