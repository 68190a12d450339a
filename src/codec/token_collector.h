// Turns bytes into literals and matches: RFC 1951 section 4.
#pragma once

#include <cstddef>
#include <cstdint>

#include "codec/match_finder.h"
#include "codec/token_block.h"

namespace duplex::codec {

// How hard to look for matches.
struct MatchEffort {
  unsigned max_probes;     // earlier positions to look at; 0: store
  unsigned good_length;    // enough to look no further
  unsigned lazy_length;    // a match shorter than this waits for a longer one at the next byte
  unsigned insert_length;  // of a match longer than this only the last positions are remembered
};

// How far the bytes in a buffer have been read.
struct Reading {
  std::size_t cursor = 0;
  std::size_t end = 0;
  std::uint32_t base = 1;  // position of the buffer's first byte; 0 is what was never seen
  unsigned fruitless = 0;  // bytes without a match, up to the cursor
  Match pending = {};      // found at the cursor already
};

struct CollectorOptions {
  MatchEffort effort;
  std::uint32_t window_size;
};

// With fewer bytes than these ahead, what follows could change what is found.
inline constexpr std::size_t least_ahead = max_match + 1 + MatchSearch::hashed_size;

// Appends tokens to the block until it is full, or the cursor is at `block_end`, or fewer bytes are
// ahead than `least_ahead`: than one, if `all_there`, because nothing follows.
void collect_tokens(const std::byte* buffer, Reading& reading, std::size_t block_end,
                    bool all_there, const CollectorOptions& options, MatchFinder& finder,
                    TokenBlock& tokens) noexcept;

}  // namespace duplex::codec
