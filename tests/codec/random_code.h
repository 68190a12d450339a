// Codes made up at random, as the lengths they are sent as: RFC 1951 section 3.2.2.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "bit_string.h"

namespace duplex::codec {

using Lengths = std::vector<std::uint8_t>;

// Splits codes until there are `count`: a complete code.
inline Lengths random_code(std::minstd_rand& random, std::size_t count, unsigned longest) {
  Lengths lengths = {1, 1};
  while (lengths.size() < count) {
    // Early ones more often, so that some codes are long.
    std::uint8_t& length = lengths[random() % (1 + random() % lengths.size())];
    if (length == longest) {
      if (std::ranges::all_of(lengths, [longest](auto l) { return l == longest; })) break;
      continue;
    }
    ++length;
    lengths.push_back(length);
  }
  std::ranges::shuffle(lengths, random);
  return lengths;
}

// The codes that follow from the lengths.
inline std::vector<unsigned> canonical_codes(const Lengths& lengths) {
  std::vector<unsigned> codes(lengths.size());
  unsigned code = 0;
  for (unsigned length = 1; length <= 15; ++length, code <<= 1) {
    for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol) {
      if (lengths[symbol] == length) codes[symbol] = code++;
    }
  }
  return codes;
}

}  // namespace duplex::codec
