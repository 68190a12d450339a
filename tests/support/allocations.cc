// Replaces operator new for a test program that asks for allocations.
#include "allocations.h"

#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>
#include <utility>

namespace {

constexpr std::size_t never = static_cast<std::size_t>(-1);

std::atomic<std::size_t> count{0};
std::atomic<std::size_t> freed{0};
std::atomic<std::size_t> live_size{0};
std::atomic<std::size_t> peak_size{0};
std::atomic<std::size_t> left{never};  // allocations until one fails
std::atomic<bool> fails_for_ever{false};
std::atomic<bool> has_struck{false};
thread_local duplex::support::AllocationMeter* meter = nullptr;

bool strikes() noexcept {
  if (left == never || left-- != 0) return false;
  if (fails_for_ever) left = 0;  // it has become `never`, which means once
  has_struck = true;
  return true;
}

void note_peak(std::size_t size) noexcept {
  std::size_t peak = peak_size;
  while (peak < size && !peak_size.compare_exchange_weak(peak, size)) {
  }
}

void* allocate(std::size_t size, std::size_t alignment) {
  if (strikes()) throw std::bad_alloc();
  void* memory = nullptr;
  if (posix_memalign(&memory, alignment, size) != 0) throw std::bad_alloc();
  ++count;
  const std::size_t usable = malloc_usable_size(memory);
  note_peak(live_size += usable);
  if (meter != nullptr) meter->add(usable);
  return memory;
}

void release(void* memory) noexcept {
  if (memory == nullptr) return;
  ++freed;
  const std::size_t usable = malloc_usable_size(memory);
  live_size -= usable;
  if (meter != nullptr) meter->remove(usable);
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  try {
    return operator new(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void operator delete(void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }

namespace duplex::support {

std::size_t live_allocation_count() noexcept { return count - freed; }
std::size_t live_allocation_size() noexcept { return live_size; }
std::size_t allocation_count() noexcept { return count; }

PeakAllocation::PeakAllocation() noexcept : before_(live_size) { peak_size = before_; }
std::size_t PeakAllocation::size() const noexcept { return peak_size - before_; }

FailingAllocation::FailingAllocation(std::size_t successes, bool for_ever) noexcept {
  has_struck = false;
  fails_for_ever = for_ever;
  left = successes;
}
FailingAllocation::~FailingAllocation() { left = never; }
bool FailingAllocation::struck() const noexcept { return has_struck; }
std::size_t FailingAllocation::successes_left() const noexcept { return left; }

AllocationMeter::Run::Run(AllocationMeter& its) noexcept : before_(std::exchange(meter, &its)) {}
AllocationMeter::Run::~Run() { meter = before_; }
std::size_t AllocationMeter::take_peak() noexcept { return std::exchange(peak_, size_); }
void AllocationMeter::add(std::size_t size) noexcept {
  size_ += size;
  peak_ = std::max(peak_, size_);
}

SparedAllocations::SparedAllocations() noexcept
    : left_(left.exchange(never)), meter_(std::exchange(meter, nullptr)) {}
SparedAllocations::~SparedAllocations() {
  left = left_;
  meter = meter_;
}

}  // namespace duplex::support
