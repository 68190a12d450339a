// Compressed bytes written bit by bit, right ones and wrong ones: RFC 1951 section 3.1.1.
#pragma once

#include <string>

namespace duplex::codec {

class BitString {
 public:
  // Numbers: the least significant bit first.
  BitString& number(unsigned value, unsigned bit_count) {
    for (unsigned i = 0; i < bit_count; ++i) bit(value >> i & 1);
    return *this;
  }

  // Codes: the most significant bit first.
  BitString& code(unsigned value, unsigned bit_count) {
    for (unsigned i = bit_count; i > 0; --i) bit(value >> (i - 1) & 1);
    return *this;
  }

  // BFINAL and BTYPE.
  BitString& block(unsigned type, bool final_block = false) {
    return number(final_block ? 1 : 0, 1).number(type, 2);
  }

  // In the fixed code of 3.2.6.
  BitString& fixed_symbol(unsigned symbol) {
    if (symbol < 144) return code(0x30 + symbol, 8);
    if (symbol < 256) return code(0x190 + symbol - 144, 9);
    if (symbol < 280) return code(symbol - 256, 7);
    return code(0xc0 + symbol - 280, 8);
  }

  // A match of 3 bytes: symbol 257, then the distance's symbol and extra bits.
  BitString& fixed_match_of_3(unsigned distance_symbol, unsigned extra, unsigned extra_bits) {
    return fixed_symbol(257).code(distance_symbol, 5).number(extra, extra_bits);
  }

  // Ends the message: the header of the stored block whose LEN and NLEN are not sent.
  std::string message() {
    block(0);
    return to_byte();
  }

  std::string to_byte() {
    bit_count_ = 0;
    return bytes_;
  }

  BitString& stored(const std::string& content) {
    block(0);
    to_byte();
    const auto length = static_cast<unsigned>(content.size());
    number(length, 16).number(length ^ 0xffff, 16);
    bytes_ += content;
    return *this;
  }

 private:
  void bit(unsigned value) {
    if (bit_count_ == 0) bytes_ += '\0';
    bytes_.back() =
        static_cast<char>(static_cast<unsigned char>(bytes_.back()) | value << bit_count_);
    bit_count_ = (bit_count_ + 1) % 8;
  }

  std::string bytes_;
  unsigned bit_count_ = 0;  // used of the last byte; 0: all
};

}  // namespace duplex::codec
