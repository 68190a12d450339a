// The last bytes of the output so far, which a distance may refer to: RFC 1951 section 2.
#pragma once

#include <cstddef>

#include "base/byte_buffer.h"
#include "duplex/base/bytes.h"

namespace duplex::codec {

// A ring that grows by doubling up to the window's size; an empty one owns no memory.
// Owner: one Inflater. Views live until the next call that is not const.
class InflateWindow {
 public:
  // Bytes behind any view that may be read though they mean nothing, so that copies may be rounded
  // up.
  static constexpr std::size_t slack = 32;

  // Makes room for `count` more bytes, of which only the last `limit` need to be kept: always the
  // same power of two. When that fails, nothing has changed.
  void reserve(std::size_t count, std::size_t limit);

  // Appends output for which there is room.
  void append(Bytes output) noexcept;

  std::size_t size() const noexcept { return size_; }

  // The bytes from `distance` before the end on: all of them up to the end, or only up to where the
  // ring wraps. 0 < distance <= size().
  Bytes at(std::size_t distance) const noexcept {
    if (distance <= next_) return {memory_.data() + next_ - distance, distance};
    const std::size_t before_wrap = distance - next_;
    return {memory_.data() + capacity_ - before_wrap, before_wrap};
  }

 private:
  ByteBuffer memory_;
  std::size_t capacity_ = 0;
  std::size_t size_ = 0;
  std::size_t next_ = 0;  // where the next byte goes; less than size_ only when the ring is full
};

}  // namespace duplex::codec
