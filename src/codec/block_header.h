// How a dynamic block tells its codes: RFC 1951 section 3.2.7.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "codec/deflate_format.h"
#include "codec/huffman_code.h"

namespace duplex::codec {

// The code lengths of literals and distances, in one sequence and with repeats.
struct CodeLengths {
  struct Item {
    std::uint8_t symbol;
    std::uint8_t extra;  // in as many bits as the symbol has
  };

  unsigned literal_count = 0;      // HLIT + 257
  unsigned distance_count = 0;     // HDIST + 1
  unsigned code_length_count = 0;  // HCLEN + 4
  std::size_t item_count = 0;
  std::array<Item, max_literal_symbols + max_distance_symbols> items;
  std::array<Codeword, code_length_symbols> code;
  std::uint64_t bit_count = 0;  // of all of it, with HLIT, HDIST and HCLEN
};

constexpr unsigned extra_bits_of_repeat(unsigned symbol) noexcept {
  return symbol == repeat_previous    ? 2
         : symbol == repeat_zero      ? 3
         : symbol == repeat_zero_long ? 7
                                      : 0;
}

void describe_codes(std::span<const Codeword> literals, std::span<const Codeword> distances,
                    CodeLengths& lengths) noexcept;

}  // namespace duplex::codec
