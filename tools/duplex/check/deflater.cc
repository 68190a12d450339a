// Writing RFC 1951: greedy matches, the fixed code, and now and then a stored block.
#include <algorithm>
#include <cstdint>
#include <vector>

#include "compression.h"

namespace duplex::tools::suite {
namespace {

constexpr std::size_t shortest_match = 3;
constexpr std::size_t longest_match = 258;
constexpr unsigned end_of_block = 256;
constexpr std::size_t block_size = 8192;  // bytes of the message in one block

class BitWriter {
 public:
  // From the least significant bit on, as all numbers but codes are written.
  void bits(unsigned value, unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
      if (used_ % 8 == 0) bytes_ += '\0';
      const unsigned bit = (value >> i & 1U) << (used_++ % 8);
      bytes_.back() = static_cast<char>(static_cast<unsigned char>(bytes_.back()) | bit);
    }
  }
  // From the most significant bit on.
  void code(unsigned value, unsigned count) {
    for (unsigned i = count; i != 0; --i) bits(value >> (i - 1) & 1U, 1);
  }
  void align() { used_ = bytes_.size() * 8; }
  void append(std::string_view bytes) {
    bytes_ += bytes;
    align();
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
  std::size_t used_ = 0;
};

// RFC 1951 section 3.2.6.
void write_symbol(BitWriter& out, unsigned symbol) {
  if (symbol < 144) return out.code(0x30 + symbol, 8);
  if (symbol < 256) return out.code(0x190 + symbol - 144, 9);
  if (symbol < 280) return out.code(symbol - 256, 7);
  out.code(0xC0 + symbol - 280, 8);
}

// The code for `value` in a table where `step` codes in turn share a number of extra bits, which
// grows by one: sections 3.2.5. `value` counts from 0.
struct Bucket {
  unsigned code;
  unsigned extra;
  unsigned extra_bits;
};
Bucket bucket(unsigned value, unsigned step) {
  unsigned bits = 0;
  unsigned code = 0;
  unsigned first = 0;
  // The first 2 * step codes have no extra bits.
  for (unsigned count = 2 * step; value >= first + (count << bits); count = step) {
    first += count << bits;
    code += count;
    ++bits;
  }
  return {code + ((value - first) >> bits), (value - first) & ((1U << bits) - 1), bits};
}

void write_match(BitWriter& out, std::size_t length, std::size_t distance) {
  if (length == longest_match) {
    write_symbol(out, 285);
  } else {
    const Bucket size = bucket(static_cast<unsigned>(length - shortest_match), 4);
    write_symbol(out, 257 + size.code);
    out.bits(size.extra, size.extra_bits);
  }
  const Bucket back = bucket(static_cast<unsigned>(distance - 1), 2);
  out.code(back.code, 5);
  out.bits(back.extra, back.extra_bits);
}

// Finds the newest earlier place where the same three bytes stand.
class Matcher {
 public:
  Matcher(std::string_view text, std::size_t window_size)
      : text_(text), window_size_(window_size), newest_(1U << hash_bits, none) {}

  struct Match {
    std::size_t length = 0;
    std::size_t distance = 0;
  };
  Match find(std::size_t at, std::size_t end) const {
    if (at + shortest_match > end) return {};
    const std::size_t from = newest_[hash(at)];
    if (from == none || at - from > window_size_) return {};
    std::size_t length = 0;
    while (length < longest_match && at + length < end &&
           text_[from + length] == text_[at + length])
      ++length;
    return length < shortest_match ? Match{} : Match{length, at - from};
  }
  void add(std::size_t at) {
    if (at + shortest_match <= text_.size()) newest_[hash(at)] = at;
  }

 private:
  static constexpr unsigned hash_bits = 15;
  static constexpr std::size_t none = ~std::size_t{0};

  std::size_t hash(std::size_t at) const {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < shortest_match; ++i) {
      value = value << 8 | static_cast<unsigned char>(text_[at + i]);
    }
    return (value * 2654435761U) >> (32 - hash_bits);
  }

  std::string_view text_;
  std::size_t window_size_;
  std::vector<std::size_t> newest_;
};

void write_stored(BitWriter& out, std::string_view bytes) {
  out.bits(0, 3);
  out.align();
  const auto size = static_cast<unsigned>(bytes.size());
  out.bits(size, 16);
  out.bits(size ^ 0xFFFFU, 16);
  out.append(bytes);
}

void write_fixed(BitWriter& out, std::string_view text, std::size_t at, std::size_t end,
                 Matcher& matcher) {
  out.bits(2, 3);  // not the last one, type 1
  while (at < end) {
    const Matcher::Match match = matcher.find(at, end);
    const std::size_t size = match.length == 0 ? 1 : match.length;
    if (match.length == 0) {
      write_symbol(out, static_cast<unsigned char>(text[at]));
    } else {
      write_match(out, match.length, match.distance);
    }
    for (std::size_t i = 0; i < size; ++i) matcher.add(at++);
  }
  write_symbol(out, end_of_block);
}

}  // namespace

std::string Deflater::message(std::string_view text) {
  const std::string all = window_ + std::string(text);
  const std::size_t window_size = std::size_t{1} << direction_.window_bits;
  Matcher matcher(all, window_size);
  for (std::size_t i = 0; i < window_.size(); ++i) matcher.add(i);
  BitWriter out;
  std::size_t count = 0;
  for (std::size_t at = window_.size(); at < all.size(); at += block_size) {
    const std::size_t end = std::min(at + block_size, all.size());
    if (++count % 8 == 0) {
      write_stored(out, std::string_view(all).substr(at, end - at));
      for (std::size_t i = at; i < end; ++i) matcher.add(i);
    } else {
      write_fixed(out, all, at, end, matcher);
    }
  }
  // RFC 7692 section 7.2.1: an empty stored block, of which 00 00 FF FF is not sent.
  out.bits(0, 3);
  if (direction_.context_takeover)
    window_ = all.substr(all.size() - std::min(all.size(), window_size));
  return out.take();
}

std::string deflate_with_match(std::string_view text, std::size_t length, std::size_t distance) {
  BitWriter out;
  out.bits(2, 3);  // not the last one, type 1
  for (const char byte : text) write_symbol(out, static_cast<unsigned char>(byte));
  write_match(out, length, distance);
  write_symbol(out, end_of_block);
  out.bits(0, 3);
  return out.take();
}

std::string deflate_zeros(std::size_t count) {
  BitWriter out;
  out.bits(2, 3);
  for (std::size_t rest = count; rest != 0;) {
    const bool fits = rest != count && rest >= longest_match;
    if (fits) {
      write_match(out, longest_match, 1);
    } else {
      write_symbol(out, 0);
    }
    rest -= fits ? longest_match : 1;
  }
  write_symbol(out, end_of_block);
  out.bits(0, 3);
  return out.take();
}

std::string repeated_bits(std::string_view block, std::size_t size, std::size_t times) {
  BitWriter out;
  for (std::size_t i = 0; i < size * times; ++i) {
    const std::size_t at = i % size;
    const unsigned byte = static_cast<unsigned char>(block[at / 8]);
    out.bits(byte >> at % 8 & 1U, 1);
  }
  out.bits(0, 3);
  return out.take();
}

}  // namespace duplex::tools::suite
