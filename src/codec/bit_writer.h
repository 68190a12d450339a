// Compressed bits, written to memory that comes in parts: RFC 1951 section 3.1.1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "codec/unaligned.h"
#include "duplex/base/bytes.h"

namespace duplex::codec {

// Keeps up to 63 bits between two parts.
class BitWriter {
 public:
  static constexpr unsigned most_bits = 48;  // that a make_room() is good for

  // Where to write from now on; the view must live until the next call.
  void set_output(MutableBytes output) noexcept {
    next_ = begin_ = output.data();
    end_ = next_ + output.size();
  }

  std::size_t written() const noexcept { return static_cast<std::size_t>(next_ - begin_); }
  std::size_t room() const noexcept { return static_cast<std::size_t>(end_ - next_); }

  // Writes whole bytes; false when the output is so full that `most_bits` more may not fit.
  bool make_room() noexcept {
    if (room() < sizeof(bits_)) return write_singly();
    store_64(next_, bits_);
    next_ += count_ >> 3;
    bits_ >>= count_ & ~7U;
    count_ &= 7;
    return true;
  }

  // Appends `count` bits after make_room(); all others of `bits` are zero.
  void put(std::uint64_t bits, unsigned count) noexcept {
    bits_ |= bits << count_;
    count_ += count;
  }

  // Zeros up to the next byte: at most 7.
  void pad() noexcept { count_ = (count_ + 7) & ~7U; }

  // Bits of the last byte that are used.
  unsigned bit_position() const noexcept { return count_ & 7; }

  // Writes all whole bytes; false when the output is full before that.
  bool write_bytes() noexcept {
    write_singly();
    return count_ < 8;
  }

  // Copies bytes behind whole bytes that have all been written, as many as fit; returns how many.
  std::size_t copy(Bytes bytes) noexcept;

 private:
  bool write_singly() noexcept {
    for (; count_ >= 8 && next_ != end_; count_ -= 8, bits_ >>= 8) {
      *next_++ = static_cast<std::byte>(bits_ & 0xff);
    }
    return count_ <= 63 - most_bits;
  }

  std::byte* begin_ = nullptr;
  std::byte* next_ = nullptr;
  std::byte* end_ = nullptr;
  std::uint64_t bits_ = 0;
  unsigned count_ = 0;
};

inline std::size_t BitWriter::copy(Bytes bytes) noexcept {
  const std::size_t count = bytes.size() < room() ? bytes.size() : room();
  if (count != 0) std::memcpy(next_, bytes.data(), count);
  next_ += count;
  return count;
}

}  // namespace duplex::codec
