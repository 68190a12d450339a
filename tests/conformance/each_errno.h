// R59: a call fails with each errno that its manual page names, one after the other.
#pragma once

#include <gtest/gtest.h>

#include <cerrno>
#include <cstddef>
#include <optional>

#include "duplex/net/kernel.h"
#include "simulation/faults.h"

namespace duplex::conformance {

// What never passes in the field: a loop cannot wait, or nothing is ever read from what is ready.
inline bool fails_for_a_moment_only(net::Call call, int error) {
  return error == EAGAIN || call == net::Call::epoll_wait || call == net::Call::eventfd_read;
}

// 0: it does not fail.
inline int errno_for(net::Call call, std::size_t variant, simulation::Repeat repeat) {
  const auto errors = simulation::plausible_errors(call);
  if (errors.empty()) return 0;
  const int error = errors[variant % errors.size()];
  const bool passes =
      repeat == simulation::Repeat::for_ever && fails_for_a_moment_only(call, error);
  return passes ? 0 : error;
}

// `fail(variant)` lets a call fail with that one of its errnos, and tells which call it was;
// nothing when there was none, and then this is false, as it is when a test has failed.
template <class Fail>
bool fail_with_each_errno(Fail&& fail) {
  std::size_t variants = 1;
  for (std::size_t variant = 0; variant < variants; ++variant) {
    const std::optional<net::Call> call = fail(variant);
    if (!call || testing::Test::HasFailure()) return false;
    variants = simulation::plausible_errors(*call).size();
  }
  return true;
}

}  // namespace duplex::conformance
