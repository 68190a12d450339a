// Implements the ring of the last output.
#include "codec/inflate_window.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace duplex::codec {
namespace {

constexpr std::size_t least_capacity = 256;  // bytes; a power of two, as every window's size

}  // namespace

// A ring that may still grow has never wrapped.
void InflateWindow::reserve(std::size_t count, std::size_t limit) {
  const std::size_t size = std::min(size_ + count, limit);
  if (size <= capacity_) return;
  const std::size_t capacity = std::min(std::max(std::bit_ceil(size), least_capacity), limit);
  ByteBuffer memory;
  memory.grow(capacity + slack);
  if (size_ != 0) std::memcpy(memory.data(), memory_.data(), size_);
  memory_ = std::move(memory);
  capacity_ = capacity;
}

void InflateWindow::append(Bytes output) noexcept {
  output = output.last(std::min(output.size(), capacity_));
  while (!output.empty()) {
    if (next_ == capacity_) next_ = 0;
    const Bytes part = output.first(std::min(output.size(), capacity_ - next_));
    std::memcpy(memory_.data() + next_, part.data(), part.size());
    next_ += part.size();
    size_ = std::min(size_ + part.size(), capacity_);
    output = output.subspan(part.size());
  }
}

}  // namespace duplex::codec
