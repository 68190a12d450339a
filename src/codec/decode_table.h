// Tables that turn the next bits of a stream into a symbol: RFC 1951 section 3.2.2.
//
// A table is looked up with as many bits as its longest code has, but at most `root_bits`. A longer
// code leads by its first bits to a table of its own for the rest, behind the first one in memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "codec/deflate_format.h"

namespace duplex::codec {

// What the next bits mean, packed into a word:
//   bits  0- 5  how many bits the code and its extra bits have, or in a link, root_bits
//   bits  8-12  how many of these are the code's, or in a link, how many bits the next table takes
//   bit  13     a link to the table at `value` for the rest of a long code
//   bit  14     nothing of the common kinds: a link, the end of a block or no symbol at all
//   bit  15     a literal
//   bits 16-30  the value: a literal, the base of a length or distance, or where a link leads
//   bit  31     the end of a block
using DecodeEntry = std::uint32_t;

inline constexpr DecodeEntry link_flag = 1U << 13;
inline constexpr DecodeEntry rare_flag = 1U << 14;
inline constexpr DecodeEntry literal_flag = 1U << 15;
inline constexpr DecodeEntry end_of_block_flag = 1U << 31;

constexpr unsigned total_bits(DecodeEntry entry) noexcept { return entry & 63; }
constexpr unsigned code_bits(DecodeEntry entry) noexcept { return entry >> 8 & 31; }
constexpr unsigned value_of(DecodeEntry entry) noexcept { return entry >> 16 & 0x7fff; }
constexpr bool is_link(DecodeEntry entry) noexcept { return (entry & link_flag) != 0; }
constexpr bool is_rare(DecodeEntry entry) noexcept { return (entry & rare_flag) != 0; }
constexpr bool is_literal(DecodeEntry entry) noexcept { return (entry & literal_flag) != 0; }
constexpr bool is_end_of_block(DecodeEntry entry) noexcept {
  return (entry & end_of_block_flag) != 0;
}

// The value of a length or distance whose code and extra bits come first in `bits`.
constexpr unsigned value_with_extra_bits(DecodeEntry entry, std::uint64_t bits) noexcept {
  const std::uint64_t both = bits & ((std::uint64_t{1} << total_bits(entry)) - 1);
  return value_of(entry) + static_cast<unsigned>(both >> code_bits(entry));
}

inline constexpr unsigned max_literal_root_bits = 10;
inline constexpr unsigned max_distance_root_bits = 8;

// The most entries that any complete code fills; the tests find these numbers by searching.
inline constexpr std::size_t literal_table_size = 1332;
inline constexpr std::size_t distance_table_size = 400;
inline constexpr std::size_t code_length_table_size = 128;

enum class CodeFault : std::uint8_t { none, oversubscribed, incomplete };

enum class Alphabet : std::uint8_t { code_length, literal, distance };

// Memory of the caller for a table, and how to look it up.
struct DecodeTable {
  const DecodeEntry* entries = nullptr;
  unsigned root_bits = 0;

  // The entry for the next bits, of which those that do not exist yet are zero: it holds if there
  // are link_bits + total_bits(entry) of them.
  struct Found {
    DecodeEntry entry;
    unsigned link_bits;  // to be skipped before the bits of the entry
  };
  Found find(std::uint64_t bits) const noexcept {
    const DecodeEntry entry = entries[bits & ((std::uint64_t{1} << root_bits) - 1)];
    if (!is_link(entry)) return {entry, 0};
    bits >>= root_bits;
    return {entries[value_of(entry) + (bits & ((std::uint64_t{1} << code_bits(entry)) - 1))],
            root_bits};
  }
};

// Fills `memory` with the table of the code that has these lengths, one for each symbol. A code
// must be complete. Only literals and distances may have a single code, of one bit, and there may
// be no distance at all (3.2.7); what then stands for no symbol is a rare entry of one bit.
CodeFault build_decode_table(Alphabet alphabet, std::span<const std::uint8_t> lengths,
                             std::span<DecodeEntry> memory, DecodeTable& table) noexcept;

// The codes of 3.2.6.
DecodeTable fixed_literal_table() noexcept;
DecodeTable fixed_distance_table() noexcept;

}  // namespace duplex::codec
