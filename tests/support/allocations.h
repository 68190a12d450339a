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

// Bytes that one process holds of several in a program, as malloc rounds them up: what it allocates
// while it runs, less what it frees. Of what stands for its kernel nothing counts. Whoever
// allocates must free, or the bytes go wrong. Owner: one test. Thread: the one that tests.
class AllocationMeter {
 public:
  // While it lives, the process runs.
  class Run {
   public:
    explicit Run(AllocationMeter& meter) noexcept;
    ~Run();
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

   private:
    AllocationMeter* before_;
  };

  std::size_t size() const noexcept { return size_; }
  // The most at any moment, since the beginning or since this was last called.
  std::size_t take_peak() noexcept;

  // --- For operator new and delete
  void add(std::size_t size) noexcept;
  void remove(std::size_t size) noexcept { size_ -= size; }

 private:
  std::size_t size_ = 0;
  std::size_t peak_ = 0;
};

// While it lives, no allocation fails, none counts as a success, and none is metered: for what
// stands for the kernel.
class SparedAllocations {
 public:
  SparedAllocations() noexcept;
  ~SparedAllocations();
  SparedAllocations(const SparedAllocations&) = delete;
  SparedAllocations& operator=(const SparedAllocations&) = delete;

 private:
  std::size_t left_;
  AllocationMeter* meter_;
};

}  // namespace duplex::support
