// Tests of decode tables: every symbol of many codes, what is no code, and how large they become.
#include "codec/decode_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "bit_string.h"
#include "random_code.h"

namespace duplex::codec {
namespace {

// Looks every symbol up by the bits of its canonical code, 3.2.2, with noise behind them.
void check_symbols(const Lengths& lengths, const DecodeTable& table, unsigned first_value) {
  unsigned code = 0;
  for (unsigned length = 1; length <= max_code_length; ++length, code <<= 1) {
    for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol) {
      if (lengths[symbol] != length) continue;
      std::uint64_t bits = ~std::uint64_t{0} << length;
      for (unsigned i = 0; i < length; ++i) {
        bits |= static_cast<std::uint64_t>(code >> (length - 1 - i) & 1) << i;
      }
      const DecodeTable::Found found = table.find(bits);
      ASSERT_EQ(found.link_bits + code_bits(found.entry), length);
      ASSERT_EQ(value_of(found.entry), first_value + symbol);
      ++code;
    }
  }
}

TEST(DecodeTable, FindsEverySymbolOfACompleteCode) {
  std::minstd_rand random(1);
  std::array<DecodeEntry, literal_table_size> memory;
  for (int i = 0; i < 300; ++i) {
    const Lengths literals = random_code(random, 2 + random() % 255, 15);
    DecodeTable table;
    ASSERT_EQ(build_decode_table(Alphabet::literal, literals, memory, table), CodeFault::none);
    ASSERT_NO_FATAL_FAILURE(check_symbols(literals, table, 0));
    const Lengths lengths = random_code(random, 2 + random() % 18, 7);
    ASSERT_EQ(build_decode_table(Alphabet::code_length, lengths, memory, table), CodeFault::none);
    ASSERT_NO_FATAL_FAILURE(check_symbols(lengths, table, 0));
  }
}

CodeFault build(Alphabet alphabet, const Lengths& lengths) {
  std::array<DecodeEntry, literal_table_size> memory;
  DecodeTable table;
  return build_decode_table(alphabet, lengths, memory, table);
}

TEST(DecodeTable, RefusesTooManyCodes) {
  for (const Alphabet alphabet : {Alphabet::literal, Alphabet::distance, Alphabet::code_length}) {
    EXPECT_EQ(build(alphabet, {1, 1, 1}), CodeFault::oversubscribed);
    EXPECT_EQ(build(alphabet, {1, 2, 2, 7}), CodeFault::oversubscribed);
    EXPECT_EQ(build(alphabet, {2, 2, 2}), CodeFault::incomplete);
    EXPECT_EQ(build(alphabet, {2}), CodeFault::incomplete);
    EXPECT_EQ(build(alphabet, {1, 2, 2}), CodeFault::none);
  }
}

TEST(DecodeTable, AllowsASingleCodeOfOneBit) {
  EXPECT_EQ(build(Alphabet::code_length, {0, 1}), CodeFault::incomplete);
  EXPECT_EQ(build(Alphabet::code_length, {0, 0}), CodeFault::incomplete);
  EXPECT_EQ(build(Alphabet::literal, {0, 0}), CodeFault::incomplete);
  std::array<DecodeEntry, literal_table_size> memory;
  DecodeTable table;
  for (const Alphabet alphabet : {Alphabet::literal, Alphabet::distance}) {
    ASSERT_EQ(build_decode_table(alphabet, Lengths{1}, memory, table), CodeFault::none);
    EXPECT_FALSE(is_rare(table.find(0).entry));
    EXPECT_TRUE(is_rare(table.find(1).entry));
  }
  ASSERT_EQ(build_decode_table(Alphabet::distance, Lengths{0}, memory, table), CodeFault::none);
  EXPECT_TRUE(is_rare(table.find(0).entry));
  EXPECT_TRUE(is_rare(table.find(1).entry));
}

TEST(DecodeTable, HasTheFixedCodes) {
  for (unsigned symbol = 0; symbol < 256; ++symbol) {
    std::uint64_t bits = 0;
    const std::string bytes = BitString().fixed_symbol(symbol).to_byte();
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      bits |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at])) << 8 * at;
    }
    const DecodeTable::Found found = fixed_literal_table().find(bits);
    EXPECT_EQ(value_of(found.entry), symbol);
    EXPECT_EQ(total_bits(found.entry), symbol < 144 ? 8U : 9U);
  }
  EXPECT_EQ(fixed_distance_table().root_bits, 5U);
  unsigned valid = 0;
  for (unsigned bits = 0; bits < distance_symbols; ++bits) {
    if (!is_rare(fixed_distance_table().find(bits).entry)) ++valid;
  }
  EXPECT_EQ(valid, 30U);
}

// Searches all complete codes for the largest table. What counts is how many codes each length has:
// the codes of a length follow each other, so that linked tables are full but for the last one.
class LargestTable {
 public:
  LargestTable(unsigned symbols, unsigned root_bits)
      : symbols_(symbols),
        root_bits_(root_bits),
        known_(16 * (symbols + 1) * (symbols + 1) * width) {}

  std::size_t size() {
    return (std::size_t{1} << root_bits_) + static_cast<std::size_t>(most(1, symbols_, 2, 0));
  }

 private:
  static constexpr unsigned width = 33;  // more than entries of a linked table can be free
  static constexpr int impossible = std::numeric_limits<std::int16_t>::min();

  // The most entries of linked tables, when `symbols` at most have codes of `length` bits or more,
  // for which there are `places` of `length` bits; `free` of them are in the last linked table.
  int most(unsigned length, unsigned symbols, unsigned places, unsigned free) {
    if (places > symbols) return impossible;
    if (length == max_code_length) return linked(length, symbols, places, free, places);
    std::int16_t& known =
        known_[((length * (symbols_ + 1) + symbols) * (symbols_ + 1) + places) * width + free];
    if (known != 0) return known - 1;
    int result = impossible;
    for (unsigned used = 0; used <= places; ++used) {
      result = std::max(result, linked(length, symbols, places, free, used));
    }
    known = static_cast<std::int16_t>(std::max(result, impossible + 1) + 1);
    return result;
  }

  // The same when `used` of the places are codes.
  int linked(unsigned length, unsigned symbols, unsigned places, unsigned free, unsigned used) {
    int size = 0;
    if (length > root_bits_) {
      unsigned rest = used;
      for (; rest > free; free = 1U << (length - root_bits_)) {
        rest -= free;
        size += 1 << (length - root_bits_);
      }
      free -= rest;
    }
    if (used == places) return size;
    if (free > 0) size += 1 << (length - root_bits_);
    return size + most(length + 1, symbols - used, 2 * (places - used), 2 * free);
  }

  unsigned symbols_;
  unsigned root_bits_;
  std::vector<std::int16_t> known_;
};

TEST(DecodeTable, HasRoomForTheLargest) {
  EXPECT_EQ(LargestTable(max_literal_symbols, max_literal_root_bits).size(), literal_table_size);
  EXPECT_EQ(LargestTable(max_distance_symbols, max_distance_root_bits).size(), distance_table_size);
  EXPECT_EQ(code_length_table_size, std::size_t{1} << max_code_length_length);
}

}  // namespace
}  // namespace duplex::codec
