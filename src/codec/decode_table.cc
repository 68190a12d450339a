// Builds decode tables: RFC 1951 section 3.2.2, from the lengths of the codes alone.
#include "codec/decode_table.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <type_traits>
#include <utility>

namespace duplex::codec {
namespace {

// Adding this once for each bit of a code counts it among the code's bits and among all.
constexpr DecodeEntry one_code_bit = 0x101;
constexpr DecodeEntry no_symbol = rare_flag | one_code_bit;

constexpr std::array<DecodeEntry, literal_symbols> make_literal_entries() noexcept {
  std::array<DecodeEntry, literal_symbols> entries{};
  for (unsigned symbol = 0; symbol < end_of_block; ++symbol) {
    entries[symbol] = literal_flag | symbol << 16;
  }
  entries[end_of_block] = rare_flag | end_of_block_flag;
  for (unsigned row = 0; row < length_ranges.size(); ++row) {
    const auto [base, extra_bits] = length_ranges[row];
    entries[first_length_symbol + row] = static_cast<DecodeEntry>(base) << 16 | extra_bits;
  }
  for (unsigned symbol = max_literal_symbols; symbol < literal_symbols; ++symbol) {
    entries[symbol] = rare_flag;
  }
  return entries;
}

constexpr std::array<DecodeEntry, distance_symbols> make_distance_entries() noexcept {
  std::array<DecodeEntry, distance_symbols> entries{};
  for (DecodeEntry& entry : entries) entry = rare_flag;
  for (unsigned row = 0; row < distance_ranges.size(); ++row) {
    const auto [base, extra_bits] = distance_ranges[row];
    entries[row] = static_cast<DecodeEntry>(base) << 16 | extra_bits;
  }
  return entries;
}

constexpr std::array<DecodeEntry, code_length_symbols> make_code_length_entries() noexcept {
  std::array<DecodeEntry, code_length_symbols> entries{};
  for (unsigned symbol = 0; symbol < code_length_symbols; ++symbol) entries[symbol] = symbol << 16;
  return entries;
}

constexpr auto literal_entries = make_literal_entries();
constexpr auto distance_entries = make_distance_entries();
constexpr auto code_length_entries = make_code_length_entries();

// What the symbols of an alphabet mean, before the bits of their codes are known.
constexpr const DecodeEntry* meanings_of(Alphabet alphabet) noexcept {
  if (alphabet == Alphabet::literal) return literal_entries.data();
  return alphabet == Alphabet::distance ? distance_entries.data() : code_length_entries.data();
}

constexpr unsigned root_bits_of(Alphabet alphabet) noexcept {
  if (alphabet == Alphabet::literal) return max_literal_root_bits;
  return alphabet == Alphabet::distance ? max_distance_root_bits : max_code_length_length;
}

using Counts = std::array<std::uint16_t, max_code_length + 1>;

struct SortedSymbols {
  Counts counts{};  // of the codes of each length
  unsigned longest = 0;
  std::array<std::uint16_t, literal_symbols> symbols;  // with a code, shorter codes first
};

// A bit for each of eight symbols, the first one lowest: whether its length is not 0. A length has
// four bits, so that adding 127 to each byte carries into its own highest bit only.
constexpr std::uint64_t coded_of_eight(const std::uint8_t* lengths) noexcept {
  std::uint64_t bytes = 0;
  if (std::is_constant_evaluated() || std::endian::native != std::endian::little) {
    for (unsigned i = 0; i < 8; ++i) bytes |= std::uint64_t{lengths[i]} << 8 * i;
  } else {
    std::memcpy(&bytes, lengths, sizeof bytes);
  }
  const std::uint64_t flags = (bytes + 0x7f7f'7f7f'7f7f'7f7f) >> 7 & 0x0101'0101'0101'0101;
  return flags * 0x0102'0408'1020'4080 >> 56;  // gathers them in the highest byte
}

// Of few symbols that have a code, most tests of one would be guessed wrong: they are found by
// bits.
class CodedSymbols {
 public:
  constexpr explicit CodedSymbols(std::span<const std::uint8_t> lengths) noexcept
      : lengths_(lengths) {
    std::size_t symbol = 0;
    for (; symbol + 8 <= lengths.size(); symbol += 8) {
      words_[symbol / 64] |= coded_of_eight(&lengths[symbol]) << symbol % 64;
    }
    for (; symbol < lengths.size(); ++symbol) {
      words_[symbol / 64] |= std::uint64_t{lengths[symbol] != 0} << symbol % 64;
    }
  }

  // Calls `visit` with each of them, in order, and the length of its code.
  template <class Visit>
  constexpr void for_each(Visit&& visit) const noexcept {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      for (std::uint64_t left = words_[i]; left != 0; left &= left - 1) {
        const std::size_t symbol = 64 * i + static_cast<std::size_t>(std::countr_zero(left));
        visit(symbol, lengths_[symbol]);
      }
    }
  }

 private:
  std::span<const std::uint8_t> lengths_;
  std::array<std::uint64_t, (literal_symbols + 63) / 64> words_{};
};

constexpr void sort_symbols(std::span<const std::uint8_t> lengths, SortedSymbols& sorted) noexcept {
  const CodedSymbols coded(lengths);
  coded.for_each([&sorted](std::size_t, unsigned length) { ++sorted.counts[length]; });
  Counts next{};
  for (unsigned length = 1; length <= max_code_length; ++length) {
    if (sorted.counts[length] != 0) sorted.longest = length;
    next[length] = static_cast<std::uint16_t>(next[length - 1] + sorted.counts[length - 1]);
  }
  coded.for_each([&sorted, &next](std::size_t symbol, unsigned length) {
    sorted.symbols[next[length]++] = static_cast<std::uint16_t>(symbol);
  });
}

// The codes of each length take their share of the space that shorter codes leave.
constexpr CodeFault check_space(const Counts& counts) noexcept {
  int space = 1;
  for (unsigned length = 1; length <= max_code_length; ++length) {
    space = 2 * space - counts[length];
    if (space < 0) return CodeFault::oversubscribed;
  }
  return space == 0 ? CodeFault::none : CodeFault::incomplete;
}

// The code behind `code` among those of `length` bits, all with the first bit last: a code is sent
// from its most significant bit on (3.1.1).
constexpr unsigned next_reversed(unsigned code, unsigned length) noexcept {
  const unsigned bit = std::bit_floor(~code & ((1U << length) - 1));
  return bit == 0 ? 0 : (code & (bit - 1)) | bit;
}

class Builder {
 public:
  constexpr Builder(const DecodeEntry* meanings, const SortedSymbols& sorted, DecodeEntry* entries,
                    unsigned root_bits) noexcept
      : meanings_(meanings),
        sorted_(sorted),
        symbol_(sorted.symbols.data()),
        entries_(entries),
        root_bits_(root_bits) {}

  // Every table of n bits is two of n - 1 bits, but for the codes of n bits: they come last.
  constexpr void fill_root() noexcept {
    for (unsigned length = 1; length <= root_bits_; ++length) {
      const std::size_t half = std::size_t{1} << (length - 1);
      if (length > 1) std::copy_n(entries_, half, entries_ + half);
      for (unsigned i = 0; i < sorted_.counts[length]; ++i) {
        entries_[code_] = meanings_[*symbol_++] + one_code_bit * length;
        code_ = next_reversed(code_, length);
      }
    }
  }

  constexpr void fill_linked() noexcept {
    std::size_t end = std::size_t{1} << root_bits_;
    std::size_t start = end;
    const unsigned root_mask = (1U << root_bits_) - 1;
    unsigned linked_bits = 0;
    unsigned prefix = ~0U;
    for (unsigned length = root_bits_ + 1; length <= sorted_.longest; ++length) {
      for (unsigned left = sorted_.counts[length]; left > 0; --left) {
        if ((code_ & root_mask) != prefix) {
          prefix = code_ & root_mask;
          start = end;
          linked_bits = bits_of_linked(length, left);
          end = start + (std::size_t{1} << linked_bits);
          entries_[prefix] = link_flag | rare_flag | static_cast<DecodeEntry>(start) << 16 |
                             linked_bits << 8 | root_bits_;
        }
        const DecodeEntry entry = meanings_[*symbol_++] + one_code_bit * (length - root_bits_);
        for (std::size_t at = start + (code_ >> root_bits_); at < end;
             at += std::size_t{1} << (length - root_bits_)) {
          entries_[at] = entry;
        }
        code_ = next_reversed(code_, length);
      }
    }
  }

 private:
  // How long the longest of the codes is that share a prefix; `left` of them have `length` bits, or
  // more than fit.
  constexpr unsigned bits_of_linked(unsigned length, unsigned left) const noexcept {
    unsigned bits = length - root_bits_;
    for (unsigned taken = left; taken < 1U << bits; ++bits) {
      taken = 2 * taken + sorted_.counts[root_bits_ + bits + 1];
    }
    return bits;
  }

  const DecodeEntry* meanings_;
  const SortedSymbols& sorted_;
  const std::uint16_t* symbol_;
  DecodeEntry* entries_;
  unsigned root_bits_;
  unsigned code_ = 0;  // of the next symbol, reversed
};

constexpr CodeFault build(Alphabet alphabet, std::span<const std::uint8_t> lengths,
                          DecodeEntry* entries, unsigned& root_bits) noexcept {
  SortedSymbols sorted;
  sort_symbols(lengths, sorted);
  const CodeFault fault = check_space(sorted.counts);
  const bool single = sorted.longest == 1 && alphabet != Alphabet::code_length;
  const bool none = sorted.longest == 0 && alphabet == Alphabet::distance;
  if (fault == CodeFault::oversubscribed) return fault;
  if (fault == CodeFault::incomplete && !single && !none) return fault;
  root_bits = std::clamp(sorted.longest, 1U, root_bits_of(alphabet));
  entries[0] = entries[1] = no_symbol;
  Builder builder(meanings_of(alphabet), sorted, entries, root_bits);
  builder.fill_root();
  builder.fill_linked();
  return CodeFault::none;
}

template <std::size_t size, class Lengths>
constexpr auto build_fixed(Alphabet alphabet, const Lengths& lengths) noexcept {
  std::array<DecodeEntry, size> entries{};
  unsigned root_bits = 0;
  build(alphabet, lengths, entries.data(), root_bits);
  return std::pair(entries, root_bits);
}

constexpr auto fixed_literals = build_fixed<512>(Alphabet::literal, fixed_literal_lengths());
constexpr auto fixed_distances = build_fixed<32>(Alphabet::distance, fixed_distance_lengths());

}  // namespace

CodeFault build_decode_table(Alphabet alphabet, std::span<const std::uint8_t> lengths,
                             std::span<DecodeEntry> memory, DecodeTable& table) noexcept {
  table.entries = memory.data();
  return build(alphabet, lengths, memory.data(), table.root_bits);
}

DecodeTable fixed_literal_table() noexcept {
  return {fixed_literals.first.data(), fixed_literals.second};
}

DecodeTable fixed_distance_table() noexcept {
  return {fixed_distances.first.data(), fixed_distances.second};
}

}  // namespace duplex::codec
