// Growable bytes that are not initialised: the memory of unfinished messages and of work space.
#pragma once

#include <cstddef>
#include <utility>

#include "duplex/base/bytes.h"

namespace duplex {

// Owner: whoever holds it; any one thread. Views live until the next call that may grow it.
// An empty new buffer owns no memory. When an allocation fails, the buffer is unchanged.
class ByteBuffer {
 public:
  ByteBuffer() noexcept = default;
  ~ByteBuffer() { release(); }
  ByteBuffer(const ByteBuffer&) = delete;
  ByteBuffer& operator=(const ByteBuffer&) = delete;
  ByteBuffer(ByteBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  ByteBuffer& operator=(ByteBuffer&& other) noexcept;

  // Copies `bytes`, which may not lie in this buffer, to the end.
  void append(Bytes bytes);

  // Makes room for `capacity` bytes in all, exactly: for a length that is known.
  void reserve(std::size_t capacity);

  // Appends `size` uninitialised bytes and returns them; capacity at least doubles when it must
  // grow.
  MutableBytes grow(std::size_t size);

  // Keeps the first `size` bytes; the capacity stays. size <= size().
  void resize_down(std::size_t size) noexcept;

  // Frees all memory.
  void release() noexcept;

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  std::size_t capacity() const noexcept { return capacity_; }
  std::byte* data() noexcept { return data_; }
  const std::byte* data() const noexcept { return data_; }
  MutableBytes view() noexcept { return {data_, size_}; }
  Bytes view() const noexcept { return {data_, size_}; }

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace duplex
