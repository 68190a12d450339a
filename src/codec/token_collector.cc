// Implements the choice between literals and matches.
#include "codec/token_collector.h"

#include <algorithm>

#include "codec/inlining.h"

namespace duplex::codec {
namespace {

// After so many bytes without a match, one more is skipped at each step, up to a limit: what has
// not compressed for long is not worth a look at every byte.
constexpr unsigned patience = 128;
constexpr std::size_t longest_step = 16;

// A match of so many bytes is seldom bettered at the next byte.
constexpr unsigned long_match = 32;

// The variables of the loop, where the compiler can keep them in registers.
template <bool lazy>
class Collector {
 public:
  Collector(const std::byte* buffer, const Reading& reading, std::size_t block_end,
            const CollectorOptions& options, MatchFinder& finder, TokenBlock& tokens) noexcept
      : buffer_(buffer),
        end_(reading.end),
        match_end_(std::min(reading.end, block_end)),
        base_(reading.base),
        window_size_(options.window_size),
        effort_(options.effort),
        search_(finder),
        tokens_(tokens),
        cursor_(reading.cursor),
        fruitless_(reading.fruitless) {}

  void run(Reading& reading, std::size_t ahead) noexcept {
    Match match = reading.pending;
    while (end_ - cursor_ >= ahead && cursor_ != match_end_ && !tokens_.full()) {
      if (match.length == 0) match = find(cursor_, 0, effort_.max_probes);
      if (match.length == 0) {
        add_literals();
      } else {
        match = add_match(match);
      }
    }
    reading.cursor = cursor_;
    reading.fruitless = fruitless_;
    reading.pending = match;
  }

 private:
  DUPLEX_ALWAYS_INLINE void add_literals() noexcept {
    ++fruitless_;
    tokens_.add_literal(buffer_[cursor_++]);
    if (fruitless_ < patience) [[likely]]
      return;
    std::size_t more = std::min(
        {std::size_t{fruitless_ / patience}, longest_step, match_end_ - cursor_, tokens_.room()});
    for (; more > 0; --more) tokens_.add_literal(buffer_[cursor_++]);
  }

  // Unless there is a longer match at the next byte: then adds a literal, and returns that match.
  DUPLEX_ALWAYS_INLINE Match add_match(Match match) noexcept {
    std::size_t seen = cursor_ + 1;
    if (lazy && match.length < effort_.lazy_length) {
      const Match better = find(cursor_ + 1, match.length, lazy_probes(match.length));
      if (better.length != 0) {
        tokens_.add_literal(buffer_[cursor_++]);
        return better;
      }
      ++seen;
    }
    tokens_.add_match(match.length, match.distance);
    fruitless_ = 0;
    cursor_ += match.length;
    if (!lazy && match.length > effort_.insert_length) seen = cursor_ - 2;
    insert(seen);
    return {};
  }

  // For a match at the next byte, longer than `length`.
  DUPLEX_ALWAYS_INLINE unsigned lazy_probes(unsigned length) const noexcept {
    return effort_.max_probes / (length < long_match ? 2 : 8);
  }

  // Remembers the positions up to the cursor.
  DUPLEX_ALWAYS_INLINE void insert(std::size_t at) noexcept {
    const std::size_t last =
        end_ < MatchSearch::hashed_size ? 0 : end_ - MatchSearch::hashed_size + 1;
    for (const std::size_t stop = std::min(cursor_, last); at < stop; ++at) {
      search_.template insert<lazy>(buffer_ + at, position(at));
    }
  }

  DUPLEX_ALWAYS_INLINE Match find(std::size_t at, unsigned than, unsigned max_probes) noexcept {
    const auto length = static_cast<unsigned>(std::min<std::size_t>(max_match, match_end_ - at));
    if (length < MatchSearch::hashed_size || length <= than) return {};
    const std::size_t reach = std::min<std::size_t>(at, window_size_);
    return search_.template find<lazy>(buffer_ + at, position(at),
                                       {.max_distance = static_cast<std::uint32_t>(reach),
                                        .max_length = length,
                                        .max_probes = max_probes,
                                        .good_length = effort_.good_length},
                                       than);
  }

  std::uint32_t position(std::size_t at) const noexcept {
    return base_ + static_cast<std::uint32_t>(at);
  }

  const std::byte* const buffer_;
  const std::size_t end_;
  const std::size_t match_end_;
  const std::uint32_t base_;
  const std::uint32_t window_size_;
  const MatchEffort effort_;
  MatchSearch search_;
  TokenBlock& tokens_;
  std::size_t cursor_;
  unsigned fruitless_;
};

}  // namespace

void collect_tokens(const std::byte* buffer, Reading& reading, std::size_t block_end,
                    bool all_there, const CollectorOptions& options, MatchFinder& finder,
                    TokenBlock& tokens) noexcept {
  const std::size_t ahead = all_there ? 1 : least_ahead;
  if (options.effort.lazy_length == 0) {
    Collector<false>(buffer, reading, block_end, options, finder, tokens).run(reading, ahead);
  } else {
    Collector<true>(buffer, reading, block_end, options, finder, tokens).run(reading, ahead);
  }
}

}  // namespace duplex::codec
