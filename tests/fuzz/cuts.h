// How an input is cut into reads.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
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

enum class Cutting { whole, every_byte, at_random };

inline Cuts cut(Cutting cutting, std::size_t size, std::uint8_t seed) {
  if (cutting == Cutting::whole) return {};
  return cutting == Cutting::every_byte ? cut_every_byte(size) : cut_at_random(size, seed);
}

// The cuts for those who ask, with how much is left, how much of it comes next.
inline auto sizes_of(Cuts cuts) {
  return [cuts = std::move(cuts), i = std::size_t{0}](std::size_t rest) mutable {
    return i < cuts.size() ? std::min(rest, cuts[i++]) : rest;
  };
}

// Calls `read` with each piece.
template <class F>
void for_each_piece(std::string_view bytes, const Cuts& cuts, F&& read) {
  for (const std::size_t size : cuts) {
    const std::string_view piece = bytes.substr(0, size);
    bytes.remove_prefix(piece.size());
    read(piece);
  }
  if (!bytes.empty() || cuts.empty()) read(bytes);
}

// The same, but each piece is in a heap block of its own, which is as large as the piece and gone
// after the call: a sanitizer sees who looks too far or too late.
template <class F>
void feed_pieces(std::string_view bytes, const Cuts& cuts, F&& read) {
  for_each_piece(bytes, cuts, [&read](std::string_view piece) {
    std::vector<std::byte> block(piece.size());
    std::copy_n(reinterpret_cast<const std::byte*>(piece.data()), piece.size(), block.begin());
    read(block);
  });
}

}  // namespace duplex::fuzz
