// How an input is cut into reads.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "simulation/random.h"

namespace duplex::fuzz {

// The sizes of the reads; what is left is the last one.
using Cuts = std::vector<std::size_t>;

inline Cuts cut_every_byte(std::size_t size) { return Cuts(size, 1); }

// Reads of up to 2, 4, 8 ... 256 bytes, as `seed` says.
inline Cuts cut_at_random(std::size_t size, std::uint8_t seed) {
  simulation::Random random(seed);
  const std::uint64_t most = std::uint64_t{2} << (seed & 7);
  Cuts cuts;
  for (std::size_t left = size; left > 0; left -= cuts.back()) {
    cuts.push_back(std::min<std::size_t>(left, 1 + random.below(most)));
  }
  return cuts;
}

// Both of these ways, beside which the input may be given whole.
inline std::array<Cuts, 2> all_cuts(std::size_t size, std::uint8_t seed) {
  return {cut_every_byte(size), cut_at_random(size, seed)};
}

// Calls `read` with each piece in a heap block of its own, which is as large as the piece and gone
// after the call: a sanitizer sees who looks too far or too late.
template <class F>
void feed_pieces(std::string_view bytes, const Cuts& cuts, F&& read) {
  const auto give = [&](std::size_t size) {
    const std::string_view piece = bytes.substr(0, size);
    std::vector<std::byte> block(piece.size());
    std::copy_n(reinterpret_cast<const std::byte*>(piece.data()), piece.size(), block.begin());
    bytes.remove_prefix(piece.size());
    read(block);
  };
  for (const std::size_t size : cuts) give(size);
  if (!bytes.empty() || cuts.empty()) give(bytes.size());
}

}  // namespace duplex::fuzz
