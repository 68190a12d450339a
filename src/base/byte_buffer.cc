// Implements the growable buffer on operator new, so that one counter sees all memory.
#include "base/byte_buffer.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>
#include <stdexcept>

namespace duplex {
namespace {

constexpr std::size_t smallest_capacity = 64;  // bytes

}  // namespace

ByteBuffer& ByteBuffer::operator=(ByteBuffer&& other) noexcept {
  ByteBuffer taken(std::move(other));
  std::swap(data_, taken.data_);
  std::swap(size_, taken.size_);
  std::swap(capacity_, taken.capacity_);
  return *this;
}

void ByteBuffer::append(Bytes bytes) {
  if (bytes.empty()) return;
  std::memcpy(grow(bytes.size()).data(), bytes.data(), bytes.size());
}

void ByteBuffer::reserve(std::size_t capacity) {
  if (capacity <= capacity_) return;
  auto* moved = static_cast<std::byte*>(::operator new(capacity));
  if (size_ != 0) std::memcpy(moved, data_, size_);
  ::operator delete(std::exchange(data_, moved));
  capacity_ = capacity;
}

MutableBytes ByteBuffer::grow(std::size_t size) {
  if (size > capacity_ - size_) {
    if (size > static_cast<std::size_t>(-1) / 4 - size_) throw std::length_error("ByteBuffer");
    reserve(std::max({smallest_capacity, 2 * capacity_, size_ + size}));
  }
  const MutableBytes added(data_ + size_, size);
  size_ += size;
  return added;
}

void ByteBuffer::resize_down(std::size_t size) noexcept {
  assert(size <= size_);
  size_ = size;
}

void ByteBuffer::release() noexcept {
  ::operator delete(std::exchange(data_, nullptr));
  size_ = 0;
  capacity_ = 0;
}

}  // namespace duplex
