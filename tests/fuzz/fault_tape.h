// Fuzz bytes that decide which calls of simulated kernels go wrong, and how.
#pragma once

#include <cstddef>
#include <string_view>

#include "decisions.h"
#include "simulation/kernel.h"

namespace duplex::fuzz {

// Every call of the kernels it has been given to is an occasion to fail with a plausible errno, and
// every transfer one to move fewer bytes. Must outlive the kernels.
class FaultTape {
 public:
  explicit FaultTape(std::string_view bytes) noexcept : occasions_(bytes) {}
  FaultTape(const FaultTape&) = delete;
  FaultTape& operator=(const FaultTape&) = delete;

  void attach(simulation::Kernel& kernel) {
    const auto error = [this](net::Call call) { return choose_error(call); };
    kernel.faults().fail_any(1, error, simulation::Repeat::for_ever);
    kernel.faults().set_shortener(
        [this](net::Call, std::size_t size) { return choose_size(size); });
  }

 private:
  int choose_error(net::Call call) {
    const auto what = occasions_.take();
    const auto errors = simulation::plausible_errors(call);
    return what && !errors.empty() ? errors[*what % errors.size()] : 0;
  }
  std::size_t choose_size(std::size_t size) {
    const auto what = occasions_.take();
    return what ? 1 + *what % size : size;
  }

  Occasions occasions_;
};

}  // namespace duplex::fuzz
