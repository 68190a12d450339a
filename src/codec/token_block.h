// The literals and matches of a block before it is written: RFC 1951 section 3.2.5.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "codec/deflate_format.h"

namespace duplex::codec {

// A match of `length` bytes, `distance` bytes back; or with distance 0, a literal instead of a
// length.
struct Token {
  std::uint16_t length;
  std::uint16_t distance;
};

// Owner: a Deflater.
class TokenBlock {
 public:
  explicit TokenBlock(std::size_t capacity) : tokens_(capacity) { clear(); }

  void clear() noexcept {
    size_ = 0;
    literal_frequencies_.fill(0);
    distance_frequencies_.fill(0);
    literal_frequencies_[end_of_block] = 1;
  }

  std::size_t room() const noexcept { return tokens_.size() - size_; }
  bool full() const noexcept { return size_ == tokens_.size(); }

  // Not when it is full.
  void add_literal(std::byte byte) noexcept {
    const auto literal = std::to_integer<std::uint8_t>(byte);
    tokens_[size_++] = {literal, 0};
    ++literal_frequencies_[literal];
  }
  void add_match(unsigned length, unsigned distance) noexcept {
    tokens_[size_++] = {static_cast<std::uint16_t>(length), static_cast<std::uint16_t>(distance)};
    ++literal_frequencies_[first_length_symbol + length_rows[length]];
    ++distance_frequencies_[distance_row(distance)];
  }

  std::size_t size() const noexcept { return size_; }
  const Token* data() const noexcept { return tokens_.data(); }

  // The end of the block is among them.
  const std::array<std::uint32_t, max_literal_symbols>& literal_frequencies() const noexcept {
    return literal_frequencies_;
  }
  const std::array<std::uint32_t, max_distance_symbols>& distance_frequencies() const noexcept {
    return distance_frequencies_;
  }

 private:
  std::size_t size_ = 0;
  std::vector<Token> tokens_;
  std::array<std::uint32_t, max_literal_symbols> literal_frequencies_;
  std::array<std::uint32_t, max_distance_symbols> distance_frequencies_;
};

}  // namespace duplex::codec
