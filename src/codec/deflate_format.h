// The numbers of the format: RFC 1951 section 3.2.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace duplex::codec {

enum class BlockType : std::uint8_t { stored = 0, fixed = 1, dynamic = 2, reserved = 3 };  // BTYPE

inline constexpr unsigned block_header_bits = 3;  // BFINAL and BTYPE, 3.2.3

inline constexpr unsigned max_code_length = 15;        // of literals, lengths and distances, 3.2.7
inline constexpr unsigned max_code_length_length = 7;  // of the code length alphabet
inline constexpr unsigned end_of_block = 256;
inline constexpr unsigned first_length_symbol = 257;
inline constexpr unsigned literal_symbols = 288;      // in the fixed code; 286 and 287 stay unused
inline constexpr unsigned max_literal_symbols = 286;  // in a dynamic block: HLIT is at most 29
inline constexpr unsigned distance_symbols = 32;      // in the fixed code; 30 and 31 stay unused
inline constexpr unsigned max_distance_symbols = 30;  // in a dynamic block: HDIST is at most 29
inline constexpr unsigned code_length_symbols = 19;

inline constexpr unsigned min_match = 3;
inline constexpr unsigned max_match = 258;
inline constexpr std::size_t max_stored_size = 65535;

// One row of the tables of 3.2.5: the symbol stands for base, plus what the extra bits say.
struct SymbolRange {
  std::uint16_t base;
  std::uint8_t extra_bits;
};

// 257..285
inline constexpr std::array<SymbolRange, 29> length_ranges = {{
    {3, 0},  {4, 0},  {5, 0},  {6, 0},   {7, 0},   {8, 0},   {9, 0},   {10, 0},  {11, 1},  {13, 1},
    {15, 1}, {17, 1}, {19, 2}, {23, 2},  {27, 2},  {31, 2},  {35, 3},  {43, 3},  {51, 3},  {59, 3},
    {67, 4}, {83, 4}, {99, 4}, {115, 4}, {131, 5}, {163, 5}, {195, 5}, {227, 5}, {258, 0},
}};

// 0..29
inline constexpr std::array<SymbolRange, 30> distance_ranges = {{
    {1, 0},     {2, 0},     {3, 0},     {4, 0},      {5, 1},      {7, 1},
    {9, 2},     {13, 2},    {17, 3},    {25, 3},     {33, 4},     {49, 4},
    {65, 5},    {97, 5},    {129, 6},   {193, 6},    {257, 7},    {385, 7},
    {513, 8},   {769, 8},   {1025, 9},  {1537, 9},   {2049, 10},  {3073, 10},
    {4097, 11}, {6145, 11}, {8193, 12}, {12289, 12}, {16385, 13}, {24577, 13},
}};

// The order in which the lengths of the code length code are sent, 3.2.7.
inline constexpr std::array<std::uint8_t, code_length_symbols> code_length_order = {
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};

// The code length alphabet: 0..15 are lengths, the rest repeats, 3.2.7.
inline constexpr unsigned repeat_previous = 16;   // 2 extra bits: 3 to 6 times
inline constexpr unsigned repeat_zero = 17;       // 3 extra bits: 3 to 10 times
inline constexpr unsigned repeat_zero_long = 18;  // 7 extra bits: 11 to 138 times

constexpr std::array<std::uint8_t, literal_symbols> fixed_literal_lengths() noexcept {  // 3.2.6
  std::array<std::uint8_t, literal_symbols> lengths{};
  for (unsigned symbol = 0; symbol < literal_symbols; ++symbol) {
    lengths[symbol] = symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8;
  }
  return lengths;
}

constexpr std::array<std::uint8_t, distance_symbols> fixed_distance_lengths() noexcept {
  std::array<std::uint8_t, distance_symbols> lengths{};
  for (std::uint8_t& length : lengths) length = 5;
  return lengths;
}

// Which row of length_ranges holds each length; 258 is its own row, though 284 could say it too.
constexpr std::array<std::uint8_t, max_match + 1> make_length_rows() noexcept {
  std::array<std::uint8_t, max_match + 1> rows{};
  for (unsigned row = 0; row < length_ranges.size(); ++row) {
    const SymbolRange range = length_ranges[row];
    for (unsigned i = 0; i < 1U << range.extra_bits && range.base + i <= max_match; ++i) {
      rows[range.base + i] = static_cast<std::uint8_t>(row);
    }
  }
  return rows;
}
inline constexpr std::array<std::uint8_t, max_match + 1> length_rows = make_length_rows();

// The row of distance_ranges that holds a distance of 1 to 32768: two rows for each power of two.
constexpr unsigned distance_row(unsigned distance) noexcept {
  const unsigned offset = distance - 1;
  if (offset < 4) return offset;
  const unsigned exponent = static_cast<unsigned>(std::bit_width(offset)) - 1;
  return 2 * exponent + (offset >> (exponent - 1) & 1);
}

}  // namespace duplex::codec
