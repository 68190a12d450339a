// Implements Huffman's algorithm with two queues, and how its result is kept short.
#include "codec/huffman_code.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "codec/deflate_format.h"

namespace duplex::codec {
namespace {

// A frequency above the symbol that has it, so that sorting the words sorts the symbols.
constexpr unsigned symbol_bits = 9;
constexpr std::uint32_t frequency_of(std::uint32_t word) noexcept { return word >> symbol_bits; }
constexpr std::uint32_t symbol_of(std::uint32_t word) noexcept {
  return word & ((1U << symbol_bits) - 1);
}

struct Leaves {
  std::size_t count = 0;
  std::array<std::uint32_t, literal_symbols> words;  // rarest first
};

using Counts = std::array<std::uint16_t, max_code_length + 1>;

void collect(std::span<const std::uint32_t> frequencies, Leaves& leaves) noexcept {
  for (std::size_t symbol = 0; symbol < frequencies.size(); ++symbol) {
    if (frequencies[symbol] == 0) continue;
    leaves.words[leaves.count++] =
        frequencies[symbol] << symbol_bits | static_cast<std::uint32_t>(symbol);
  }
  for (std::uint32_t symbol = 0; leaves.count < 2; ++symbol) {
    if (frequencies[symbol] == 0) leaves.words[leaves.count++] = symbol;
  }
  std::sort(leaves.words.begin(), leaves.words.begin() + leaves.count);
}

// The two rarest nodes get a parent, until there is one node. Parents come in the order of their
// weights, so they queue by themselves. Counts how many leaves there are at each depth.
Counts count_depths(const Leaves& leaves, unsigned max_length) noexcept {
  std::array<std::uint32_t, literal_symbols> weights;
  std::array<std::uint16_t, literal_symbols> parents;
  std::array<std::uint8_t, literal_symbols> leaf_children;
  const std::size_t root = leaves.count - 2;
  std::size_t leaf = 0;
  std::size_t node = 0;
  for (std::size_t parent = 0; parent <= root; ++parent) {
    weights[parent] = 0;
    leaf_children[parent] = 0;
    for (int child = 0; child < 2; ++child) {
      const bool take_leaf = leaf < leaves.count &&
                             (node == parent || frequency_of(leaves.words[leaf]) <= weights[node]);
      if (take_leaf) {
        weights[parent] += frequency_of(leaves.words[leaf++]);
        ++leaf_children[parent];
      } else {
        weights[parent] += weights[node];
        parents[node++] = static_cast<std::uint16_t>(parent);
      }
    }
  }
  Counts counts{};
  std::array<std::uint16_t, literal_symbols> depths;
  depths[root] = 0;
  for (std::size_t i = root + 1; i-- > 0;) {
    if (i < root) depths[i] = static_cast<std::uint16_t>(depths[parents[i]] + 1);
    const std::size_t depth = std::min<std::size_t>(depths[i] + 1U, max_length);
    counts[depth] = static_cast<std::uint16_t>(counts[depth] + leaf_children[i]);
  }
  return counts;
}

// Cutting codes short has made them too many by some of the longest kind. Each time a leaf as deep
// as possible becomes a parent of itself and one of those, there is one less.
void make_room(Counts& counts, unsigned max_length) noexcept {
  std::int64_t excess = -(std::int64_t{1} << max_length);
  for (unsigned length = 1; length <= max_length; ++length) {
    excess += static_cast<std::int64_t>(counts[length]) << (max_length - length);
  }
  for (; excess > 0; --excess) {
    unsigned length = max_length - 1;
    while (counts[length] == 0) --length;
    --counts[length];
    counts[length + 1] = static_cast<std::uint16_t>(counts[length + 1] + 2);
    --counts[max_length];
  }
}

constexpr std::array<std::uint8_t, 256> make_reversed_bytes() noexcept {
  std::array<std::uint8_t, 256> reversed{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    for (unsigned i = 0; i < 8; ++i) {
      if ((byte >> i & 1) != 0)
        reversed[byte] = static_cast<std::uint8_t>(reversed[byte] | 0x80 >> i);
    }
  }
  return reversed;
}
constexpr auto reversed_bytes = make_reversed_bytes();

constexpr unsigned reverse(unsigned code, unsigned length) noexcept {
  const unsigned reversed_16 =
      static_cast<unsigned>(reversed_bytes[code & 0xff]) << 8 | reversed_bytes[code >> 8];
  return reversed_16 >> (16 - length);
}

// 3.2.2: codes of the same length are in the order of the symbols.
void assign_bits(std::span<Codeword> code, const Counts& counts) noexcept {
  std::array<unsigned, max_code_length + 2> next{};
  for (unsigned length = 1; length <= max_code_length; ++length) {
    next[length + 1] = (next[length] + counts[length]) << 1;
  }
  for (Codeword& word : code) {
    if (word.length == 0) continue;
    word.bits = static_cast<std::uint16_t>(reverse(next[word.length]++, word.length));
  }
}

}  // namespace

void make_code(std::span<const std::uint32_t> frequencies, unsigned max_length,
               std::span<Codeword> code) noexcept {
  Leaves leaves;
  collect(frequencies, leaves);
  Counts counts = count_depths(leaves, max_length);
  make_room(counts, max_length);
  for (Codeword& word : code) word = {0, 0};
  const std::uint32_t* leaf = leaves.words.data();
  for (unsigned length = max_length; length > 0; --length) {
    for (unsigned i = 0; i < counts[length]; ++i) {
      code[symbol_of(*leaf++)].length = static_cast<std::uint16_t>(length);
    }
  }
  assign_bits(code, counts);
}

void assign_bits(std::span<Codeword> code) noexcept {
  Counts counts{};
  for (const Codeword word : code) ++counts[word.length];
  assign_bits(code, counts);
}

}  // namespace duplex::codec
