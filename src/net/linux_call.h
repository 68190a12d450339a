// The two habits of every system call here: errno becomes a negative value, EINTR another try.
#pragma once

#include <cerrno>

namespace duplex::net {

template <class T>
T value_or_errno(T result) noexcept {
  return result < 0 ? static_cast<T>(-errno) : result;
}

template <class F>
auto retry_interrupted(F call) noexcept {
  for (;;) {
    const auto result = call();
    if (result >= 0) return result;
    if (errno != EINTR) return value_or_errno(result);
  }
}

}  // namespace duplex::net
