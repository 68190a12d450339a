// What has to be done to the end, although parts of it throw. Pure.
#pragma once

#include <exception>
#include <utility>

namespace duplex {

// Runs parts, and keeps what the first of them threw that threw at all.
class FirstFailure {
 public:
  template <class F>
  void run(F&& part) noexcept {
    try {
      std::forward<F>(part)();
    } catch (...) {
      if (!failure_) failure_ = std::current_exception();
    }
  }
  bool has_failed() const noexcept { return failure_ != nullptr; }
  // Throws it.
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  std::exception_ptr failure_;
};

}  // namespace duplex
