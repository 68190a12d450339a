// Makes the best code for given frequencies, none of it too long: RFC 1951 section 3.2.2.
#pragma once

#include <cstdint>
#include <span>

namespace duplex::codec {

// How a symbol is written: `bits`, the first of them least significant, of which there are
// `length`.
struct Codeword {
  std::uint16_t bits;
  std::uint16_t length;  // 0: the symbol has no code
};

// Gives every symbol that occurs a codeword of at most `max_length` bits. The code is complete;
// when fewer than two symbols occur, others that do not are added. At least 2 and at most 288
// symbols; the sum of the frequencies is below 2^23.
void make_code(std::span<const std::uint32_t> frequencies, unsigned max_length,
               std::span<Codeword> code) noexcept;

// Codewords from their lengths.
void assign_bits(std::span<Codeword> code) noexcept;

}  // namespace duplex::codec
