// Counts the allocations of the program, and makes a chosen one fail.
#pragma once

#include <cstddef>

namespace duplex::support {

// Allocations through operator new that have not been freed, and their bytes.
std::size_t live_allocation_count() noexcept;
std::size_t live_allocation_size() noexcept;

// Allocations through operator new since the program started.
std::size_t allocation_count() noexcept;

// The most bytes that lived at once since it came into being, above those that lived then.
// Owner: one test; one at a time.
class PeakAllocation {
 public:
  PeakAllocation() noexcept;
  std::size_t size() const noexcept;

 private:
  std::size_t before_;
};

// While it lives, the allocation after `successes` more throws std::bad_alloc: once, or that one
// and all that follow. Owner: one test. Thread: the one that tests; other threads may not allocate
// meanwhile.
class FailingAllocation {
 public:
  explicit FailingAllocation(std::size_t successes, bool for_ever = false) noexcept;
  ~FailingAllocation();
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;

  bool struck() const noexcept;
  std::size_t successes_left() const noexcept;  // until it strikes
};

// While it lives, no allocation fails and none counts as a success: for what stands for the kernel.
class SparedAllocations {
 public:
  SparedAllocations() noexcept;
  ~SparedAllocations();
  SparedAllocations(const SparedAllocations&) = delete;
  SparedAllocations& operator=(const SparedAllocations&) = delete;

 private:
  std::size_t left_;
};

}  // namespace duplex::support
