// The next bits of compressed bytes that come in parts: RFC 1951 section 3.1.1.
#pragma once

#include <cstddef>
#include <cstdint>

#include "codec/unaligned.h"
#include "duplex/base/bytes.h"

namespace duplex::codec {

// Keeps up to 63 bits between two parts. Bits that are not there yet are zero.
class BitReader {
 public:
  // The next part; all of the one before has been read. The view must live until it is read too.
  void set_input(Bytes input) noexcept {
    next_ = input.data();
    end_ = next_ + input.size();
  }

  // Reads whole bytes until at least 56 bits are there, or the input ends.
  void fill() noexcept {
    if (unread() >= sizeof(bits_)) return fill_at_once();
    for (; count_ < 56 && next_ != end_; ++next_, count_ += 8) {
      bits_ |= std::to_integer<std::uint64_t>(*next_) << count_;
    }
  }

  // The same, and whether `count` bits are there, at most 56.
  bool has(unsigned count) noexcept {
    if (count_ < count) fill();
    return count_ >= count;
  }

  std::uint64_t bits() const noexcept { return bits_; }
  unsigned count() const noexcept { return count_; }

  void skip(unsigned count) noexcept {
    bits_ >>= count;
    count_ -= count;
  }

  // The next `count` bits, which are there; fewer than 32.
  unsigned take(unsigned count) noexcept {
    const auto value = static_cast<unsigned>(bits_ & ((std::uint64_t{1} << count) - 1));
    skip(count);
    return value;
  }

  // The rest of a byte of which some bits have been used.
  void skip_to_byte() noexcept { skip(count_ & 7); }

  // For those who read on their own: what is not read yet, and what they leave.
  const std::byte* next() const noexcept { return next_; }
  const std::byte* end() const noexcept { return end_; }
  std::size_t unread() const noexcept { return static_cast<std::size_t>(end_ - next_); }
  void advance(std::size_t count) noexcept { next_ += count; }
  void replace(const std::byte* next, std::uint64_t bits, unsigned count) noexcept {
    next_ = next;
    bits_ = bits;
    count_ = count;
  }

 private:
  void fill_at_once() noexcept {
    const unsigned byte_count = (63 - count_) / 8;
    const std::uint64_t mask = (std::uint64_t{1} << 8 * byte_count) - 1;
    bits_ |= (load_64(next_) & mask) << count_;
    next_ += byte_count;
    count_ += 8 * byte_count;
  }

  const std::byte* next_ = nullptr;
  const std::byte* end_ = nullptr;
  std::uint64_t bits_ = 0;
  unsigned count_ = 0;
};

}  // namespace duplex::codec
