// Finds where the next bytes came before: RFC 1951 section 4.
//
// Positions that begin with the same hash of four bytes are chained, the latest first. Positions
// count on for ever, modulo 2^32, and nothing is ever cleared: what is too far back, because it
// fell out of the window or belongs to another message, is told by its distance alone.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "codec/deflate_format.h"
#include "codec/inlining.h"
#include "codec/unaligned.h"

namespace duplex::codec {

struct Match {
  unsigned length = 0;
  unsigned distance = 0;
};

struct MatchLimits {
  std::uint32_t max_distance;
  unsigned max_length;   // no more bytes than these are read
  unsigned max_probes;   // earlier positions to look at
  unsigned good_length;  // enough to look no further
};

// Owner: a Deflater. Memory: 4 bytes for each hash, and 2 for each byte of the window.
class MatchFinder {
 public:
  // Hashes of four bytes have `hash_bits` bits, those of three `short_hash_bits`.
  MatchFinder(unsigned window_bits, unsigned hash_bits, unsigned short_hash_bits)
      : window_mask_((std::uint32_t{1} << window_bits) - 1),
        hash_shift_(32 - hash_bits),
        short_hash_shift_(32 - short_hash_bits),
        latest_(std::size_t{1} << hash_bits),
        latest_short_(std::size_t{1} << short_hash_bits),
        steps_(std::size_t{1} << window_bits) {}

  static std::size_t memory_size(unsigned window_bits, unsigned hash_bits,
                                 unsigned short_hash_bits) noexcept {
    return (std::size_t{4} << hash_bits) + (std::size_t{4} << short_hash_bits) +
           (std::size_t{2} << window_bits);
  }

 private:
  friend class MatchSearch;

  std::uint32_t window_mask_;
  unsigned hash_shift_;
  unsigned short_hash_shift_;
  std::vector<std::uint32_t> latest_;        // by hash: a position
  std::vector<std::uint32_t> latest_short_;  // by the hash of three bytes
  std::vector<std::uint16_t> steps_;         // by position: to the one before with the same hash
};

// What works on a MatchFinder, as local variables of whoever looks for many matches.
class MatchSearch {
 public:
  // Bytes that find() and insert() read in any case.
  static constexpr unsigned hashed_size = 4;

  explicit MatchSearch(MatchFinder& finder) noexcept
      : window_mask_(finder.window_mask_),
        hash_shift_(finder.hash_shift_),
        short_hash_shift_(finder.short_hash_shift_),
        latest_(finder.latest_.data()),
        latest_short_(finder.latest_short_.data()),
        steps_(finder.steps_.data()) {}

  // The longest match for the bytes at `position`, where `at` points, if it is longer than `than`;
  // and remembers the position. than < limits.max_length. Matches of three bytes are looked for
  // only if `with_short`.
  template <bool with_short>
  DUPLEX_ALWAYS_INLINE Match find(const std::byte* at, std::uint32_t position,
                                  const MatchLimits& limits, unsigned than) noexcept {
    const std::uint32_t word = load_32(at);
    std::uint32_t distance = remember(position, word);
    Match best{than, 0};
    if constexpr (with_short) {
      const std::uint32_t short_distance = remember_short(position, word);
      if (than < min_match && short_distance - 1 < std::min(limits.max_distance, farthest_short) &&
          ((load_32(at - short_distance) ^ word) & 0xffffff) == 0) {
        best = {min_match, short_distance};
      }
    }
    for (unsigned probes = limits.max_probes; distance - 1 < limits.max_distance && probes > 0;
         --probes) {
      const std::byte* const from = at - distance;
      if (load_32(from) == word && from[best.length] == at[best.length]) {
        const unsigned length = match_length(from, at, limits.max_length);
        if (length > best.length) {
          best = {length, distance};
          if (length >= limits.good_length || length == limits.max_length) break;
        }
      }
      distance += steps_[(position - distance) & window_mask_];
    }
    return best.distance == 0 ? Match{} : best;
  }

  // Only remembers the position.
  template <bool with_short>
  DUPLEX_ALWAYS_INLINE void insert(const std::byte* at, std::uint32_t position) noexcept {
    const std::uint32_t word = load_32(at);
    remember(position, word);
    if constexpr (with_short) remember_short(position, word);
  }

 private:
  // A match of three bytes from farther away costs as much as the three bytes.
  static constexpr std::uint32_t farthest_short = 4096;

  static constexpr std::uint32_t multiplier = 0x9e3779b1;  // 2^32 by the golden ratio

  // How far back the latest position of the same hash is; it gets a new one.
  DUPLEX_ALWAYS_INLINE std::uint32_t remember(std::uint32_t position, std::uint32_t word) noexcept {
    std::uint32_t& latest = latest_[word * multiplier >> hash_shift_];
    const std::uint32_t distance = position - latest;
    latest = position;
    steps_[position & window_mask_] = static_cast<std::uint16_t>(std::min(distance, 0xffffU));
    return distance;
  }

  DUPLEX_ALWAYS_INLINE std::uint32_t remember_short(std::uint32_t position,
                                                    std::uint32_t word) noexcept {
    std::uint32_t& latest = latest_short_[(word << 8) * multiplier >> short_hash_shift_];
    const std::uint32_t distance = position - latest;
    latest = position;
    return distance;
  }

  // How many bytes are the same, of which the first four are known to be.
  DUPLEX_ALWAYS_INLINE static unsigned match_length(const std::byte* from, const std::byte* at,
                                                    unsigned most) noexcept {
    unsigned length = hashed_size;
    for (; length + 8 <= most; length += 8) {
      const std::uint64_t difference = load_64(from + length) ^ load_64(at + length);
      if (difference != 0) {
        return length + static_cast<unsigned>(std::countr_zero(difference)) / 8;
      }
    }
    while (length < most && from[length] == at[length]) ++length;
    return length;
  }

  const std::uint32_t window_mask_;
  const unsigned hash_shift_;
  const unsigned short_hash_shift_;
  std::uint32_t* const latest_;
  std::uint32_t* const latest_short_;
  std::uint16_t* const steps_;
};

}  // namespace duplex::codec
