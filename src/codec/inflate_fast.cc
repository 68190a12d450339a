// Implements the inner loop of inflating.
#include "codec/inflate_fast.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "codec/inlining.h"
#include "codec/processor.h"
#include "codec/unaligned.h"

namespace duplex::codec {
namespace {

// Copies 16 bytes at a time, so up to 15 more than `length`; they do not overlap by less than 16.
DUPLEX_ALWAYS_INLINE void copy_by_16(std::byte* out, const std::byte* from,
                                     unsigned length) noexcept {
  const std::byte* const end = out + length;
  do {
    std::memcpy(out, from, 16);
    out += 16;
    from += 16;
  } while (out < end);
}

// The bytes from `distance` back again and again; up to 15 bytes more than `length` are written.
DUPLEX_ALWAYS_INLINE void copy_match(std::byte* out, unsigned distance, unsigned length) noexcept {
  const std::byte* from = out - distance;
  if (distance >= 16) return copy_by_16(out, from, length);
  const std::byte* const end = out + length;
  if (distance == 1) {
    std::memset(out, std::to_integer<int>(*from), length);
    return;
  }
  // A step of a whole period, or of a word when the period is longer.
  const unsigned step = std::min(distance, 8U);
  do {
    store_64(out, load_64(from));
    out += step;
    from += step;
  } while (out < end);
}

// The variables of the loop, where the compiler can keep them in registers. Each variant has its
// own copy of all of it.
class Loop {
 public:
  DUPLEX_ALWAYS_INLINE explicit Loop(FastInflate& state) noexcept
      : state_(state),
        literals_(state.literals.entries),
        distances_(state.distances.entries),
        literal_mask_((1U << state.literals.root_bits) - 1),
        distance_mask_((1U << state.distances.root_bits) - 1),
        in_(state.in),
        in_limit_(state.in_end - FastInflate::input_margin),
        out_(state.out),
        out_limit_(state.out_end - FastInflate::output_margin),
        bits_(state.bits),
        count_(state.bit_count) {}

  DUPLEX_ALWAYS_INLINE void run() noexcept {
    refill();
    DecodeEntry entry = next_literal();
    do {
      // After a refill there are at least 56 bits: enough for three of the common literals, or for
      // two and a length.
      if (is_literal(entry)) {
        put(entry);
        entry = next_literal();
        if (is_literal(entry)) {
          put(entry);
          entry = next_literal();
        }
      }
      if (is_rare(entry)) {
        if (!is_link(entry)) break;
        const DecodeEntry rest = follow(literals_, entry);
        if (is_rare(rest)) break;
        skip(total_bits(entry));
        entry = rest;
      }
      if (is_literal(entry)) {
        put(entry);
        refill();
        entry = next_literal();
        continue;
      }
      const unsigned length = take(entry);
      refill();
      const unsigned distance = take_distance();
      if (distance == 0) break;
      refill();
      entry = next_literal();
      if (!put_match(length, distance)) break;
    } while (in_ <= in_limit_ && out_ <= out_limit_);
    finish();
  }

 private:
  // Reads as many whole bytes as fit: 56 to 63 bits are there then. What is read of the byte after
  // them is read again by the next refill, and is the same.
  DUPLEX_ALWAYS_INLINE void refill() noexcept {
    bits_ |= load_64(in_) << count_;
    in_ += (63 - count_) >> 3;
    count_ |= 56;
  }

  DUPLEX_ALWAYS_INLINE void skip(unsigned count) noexcept {
    bits_ >>= count;
    count_ -= count;
  }

  DUPLEX_ALWAYS_INLINE DecodeEntry next_literal() const noexcept {
    return literals_[bits_ & literal_mask_];
  }

  DUPLEX_ALWAYS_INLINE DecodeEntry follow(const DecodeEntry* table,
                                          DecodeEntry link) const noexcept {
    const std::uint64_t mask = (std::uint64_t{1} << code_bits(link)) - 1;
    return table[value_of(link) + (bits_ >> total_bits(link) & mask)];
  }

  DUPLEX_ALWAYS_INLINE void put(DecodeEntry literal) noexcept {
    *out_++ = static_cast<std::byte>(literal >> 16 & 0xff);
    skip(total_bits(literal));
  }

  DUPLEX_ALWAYS_INLINE unsigned take(DecodeEntry entry) noexcept {
    const unsigned value = value_with_extra_bits(entry, bits_);
    skip(total_bits(entry));
    return value;
  }

  // 0 when there is none: an error.
  DUPLEX_ALWAYS_INLINE unsigned take_distance() noexcept {
    DecodeEntry entry = distances_[bits_ & distance_mask_];
    if (is_link(entry)) {
      const DecodeEntry rest = follow(distances_, entry);
      skip(total_bits(entry));
      entry = rest;
    }
    if (is_rare(entry)) {
      state_.error = InflateError::invalid_distance_symbol;
      return 0;
    }
    return take(entry);
  }

  // False when it is left to others.
  DUPLEX_ALWAYS_INLINE bool put_match(unsigned length, unsigned distance) noexcept {
    const auto position = static_cast<std::size_t>(out_ - state_.out_begin);
    if (distance > std::min(position, state_.window_size)) [[unlikely]] {
      return put_from_window(length, distance, position);
    }
    copy_match(out_, distance, length);
    out_ += length;
    return true;
  }

  DUPLEX_ALWAYS_INLINE bool put_from_window(unsigned length, unsigned distance,
                                            std::size_t position) noexcept {
    state_.error = judge_distance(distance, position, state_.window_size, *state_.window);
    if (state_.error != InflateError::none) return false;
    const Bytes part = state_.window->at(distance - position);
    if (part.size() < length) {
      state_.match_length = length;
      state_.match_distance = distance;
      return false;
    }
    copy_by_16(out_, part.data(), length);
    out_ += length;
    return true;
  }

  // Gives whole bytes back, but none that the input before this one had.
  DUPLEX_ALWAYS_INLINE void finish() noexcept {
    const auto read = static_cast<std::size_t>(in_ - state_.in);
    const std::size_t unused = std::min<std::size_t>(count_ >> 3, read);
    count_ -= static_cast<unsigned>(unused) * 8;
    state_.in = in_ - unused;
    state_.out = out_;
    state_.bits = bits_ & ((std::uint64_t{1} << count_) - 1);
    state_.bit_count = count_;
  }

  FastInflate& state_;
  const DecodeEntry* const literals_;
  const DecodeEntry* const distances_;
  const std::uint64_t literal_mask_;
  const std::uint64_t distance_mask_;
  const std::byte* in_;
  const std::byte* const in_limit_;
  std::byte* out_;
  std::byte* const out_limit_;
  std::uint64_t bits_;
  unsigned count_;
};

void inflate_portable(FastInflate& state) noexcept { Loop(state).run(); }

#if defined(__x86_64__)
// Its shifts by a variable count are three times as fast.
__attribute__((target("bmi2"))) void inflate_bmi2(FastInflate& state) noexcept {
  Loop(state).run();
}

constexpr std::array variants{InflateVariant{"bmi2", has_bmi2, inflate_bmi2},
                              InflateVariant{"portable", always_supported, inflate_portable}};
#else
constexpr std::array variants{InflateVariant{"portable", always_supported, inflate_portable}};
#endif

void choose_and_inflate(FastInflate& state) noexcept;

constinit std::atomic<decltype(InflateVariant::function)> chosen = choose_and_inflate;

void choose_and_inflate(FastInflate& state) noexcept {
  chosen.store(best_function(variants), std::memory_order_relaxed);
  chosen.load(std::memory_order_relaxed)(state);
}

}  // namespace

void inflate_fast(FastInflate& state) noexcept { chosen.load(std::memory_order_relaxed)(state); }

std::span<const InflateVariant> inflate_variants() noexcept { return variants; }

}  // namespace duplex::codec
