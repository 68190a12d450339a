// Memory whose end touches a page that may not be read: one byte too far ends the test.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstring>
#include <new>
#include <string_view>

#include "duplex/base/bytes.h"

namespace duplex::support {

// Owner: one test. place() may be used again and again; each view lives until the next.
class GuardPage {
 public:
  explicit GuardPage(std::size_t capacity) : size_((capacity / page_size + 1) * page_size) {
    const int access = PROT_READ | PROT_WRITE;
    memory_ = ::mmap(nullptr, size_ + page_size, access, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory_ == MAP_FAILED || ::mprotect(data() + size_, page_size, PROT_NONE) != 0) {
      throw std::bad_alloc();
    }
  }
  ~GuardPage() { ::munmap(memory_, size_ + page_size); }
  GuardPage(const GuardPage&) = delete;
  GuardPage& operator=(const GuardPage&) = delete;

  // A copy of `bytes`, at most the capacity, that ends where the guard begins.
  MutableBytes place(std::string_view bytes) noexcept {
    std::byte* start = data() + size_ - bytes.size();
    if (!bytes.empty()) std::memcpy(start, bytes.data(), bytes.size());
    return {start, bytes.size()};
  }

 private:
  static constexpr std::size_t page_size = 4096;

  std::byte* data() noexcept { return static_cast<std::byte*>(memory_); }

  std::size_t size_;
  void* memory_ = nullptr;
};

}  // namespace duplex::support
