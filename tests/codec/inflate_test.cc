// Tests of inflating beyond the D rows: ends of messages, contexts, windows, limits, memory.
#include "duplex/codec/inflate.h"

#include <gtest/gtest.h>

#include <limits>
#include <new>
#include <set>

#include "../support/allocations.h"
#include "../support/wire.h"
#include "bit_string.h"
#include "deflating.h"

namespace duplex::codec {
namespace {

using support::from_hex;

Inflated inflated(std::string_view payload, const InflateOptions& options = {}) {
  Inflater inflater(options);
  return inflate_message(inflater, payload);
}

Inflated ok(std::string_view text) { return {std::string(text), InflateError::none}; }

// RFC 7692 section 7.2.3.
TEST(Inflate, KnowsTheExamplesOfTheRfc) {
  EXPECT_EQ(inflated(from_hex("f248cdc9c90700")), ok("Hello"));
  EXPECT_EQ(inflated(from_hex("000500faff48656c6c6f00")), ok("Hello"));
  EXPECT_EQ(inflated(from_hex("f348cdc9c9070000")), ok("Hello"));
  EXPECT_EQ(inflated(from_hex("f248050000 00ffffcac9c90700")), ok("Hello"));
  EXPECT_EQ(inflated(from_hex("00")), ok(""));
}

TEST(Inflate, TakesOverTheContext) {
  Inflater inflater;
  EXPECT_EQ(inflate_message(inflater, from_hex("f248cdc9c90700")), ok("Hello"));
  EXPECT_EQ(inflate_message(inflater, from_hex("f200110000")), ok("Hello"));
  inflater.reset();
  EXPECT_EQ(inflate_message(inflater, from_hex("f200110000")).error,
            InflateError::distance_too_far_back);
}

TEST(Inflate, TakesOverNothingWithoutContextTakeover) {
  for (const Memory memory : {Memory::one_for_the_message, Memory::one_buffer}) {
    Inflater inflater({.context_takeover = false});
    EXPECT_EQ(inflate_message(inflater, from_hex("f248cdc9c90700"), one_by_one, 3, memory),
              ok("Hello"));
    EXPECT_EQ(inflate_message(inflater, from_hex("f200110000"), one_by_one, 3, memory).error,
              InflateError::distance_too_far_back);
  }
}

TEST(Inflate, KnowsAWholeMessageFromACutOne) {
  const auto error = [](std::string_view payload) { return inflated(payload).error; };
  EXPECT_EQ(error(""), InflateError::none);
  // After a final block nothing need follow; after another, the header of a stored block must.
  EXPECT_EQ(error(BitString().block(0, true).to_byte() + from_hex("0000ffff")), InflateError::none);
  EXPECT_EQ(error(from_hex("000000ffff")), InflateError::truncated);
  EXPECT_EQ(error(from_hex("000000ffff00")), InflateError::none);
  // Two bits left of the last byte are no header.
  BitString two_bits_left;
  two_bits_left.block(1).fixed_symbol(200).fixed_symbol(200).fixed_symbol(200).fixed_symbol(200);
  EXPECT_EQ(error(two_bits_left.fixed_symbol(256).to_byte()), InflateError::truncated);
  // The header of another kind of block, or of a stored one with a part of its length.
  EXPECT_EQ(error(from_hex("02")), InflateError::truncated);
  EXPECT_EQ(error(from_hex("04")), InflateError::truncated);
  EXPECT_EQ(error(from_hex("0000")), InflateError::truncated);
  EXPECT_EQ(error(from_hex("000000ff")), InflateError::truncated);
  EXPECT_EQ(error(from_hex("01")), InflateError::none);
}

// A header that ends with its byte has no padding: the byte behind it is the first of LEN.
TEST(Inflate, KnowsPaddingFromALength) {
  BitString bits;
  bits.block(1).fixed_symbol(200).fixed_symbol(200).fixed_symbol(200).fixed_symbol(256);
  const std::string whole = bits.message();
  EXPECT_EQ(inflated(whole).error, InflateError::none);
  EXPECT_EQ(inflated(whole + '\0').error, InflateError::truncated);
}

// A dynamic block for 257 literals and lengths and 1 distance, whose codes' lengths begin with so
// many zeros: symbol 18 twice. Of the code length code, 18 is a one and 1 is a zero.
BitString code_lengths_with_zeros(unsigned count) {
  constexpr unsigned most = 138;
  BitString bits;
  bits.block(2).number(0, 5).number(0, 5).number(18 - 4, 4);
  for (unsigned i = 0; i < 18; ++i) bits.number(i == 2 || i == 17 ? 1 : 0, 3);
  return bits.code(1, 1).number(most - 11, 7).code(1, 1).number(count - most - 11, 7);
}

TEST(Inflate, CountsCodeLengthsExactly) {
  // The last bit of the last byte is the last length: nothing more is needed to judge them.
  EXPECT_EQ(inflated(code_lengths_with_zeros(257).code(0, 1).to_byte()).error,
            InflateError::no_end_of_block);
  EXPECT_EQ(inflated(code_lengths_with_zeros(258).to_byte()).error, InflateError::no_end_of_block);
  EXPECT_EQ(inflated(code_lengths_with_zeros(259).to_byte()).error, InflateError::repeat_too_long);
}

TEST(Inflate, ContinuesOnAByteAfterAFinalBlock) {
  BitString bits;
  bits.block(1, true).fixed_symbol('a').fixed_symbol(256).to_byte();
  bits.block(1, true).fixed_match_of_3(0, 0, 0).fixed_symbol(256).to_byte();
  EXPECT_EQ(inflated(bits.to_byte()), ok("aaaa"));
  EXPECT_EQ(inflated(bits.stored("b").message()), ok("aaaab"));
}

TEST(Inflate, StaysFailed) {
  Inflater inflater;
  EXPECT_EQ(inflate_message(inflater, "\x06").error, InflateError::reserved_block_type);
  std::vector<std::byte> memory(10);
  const InflateProgress progress = inflater.inflate(as_bytes("\x02"), memory);
  EXPECT_EQ(progress.status, InflateStatus::failed);
  EXPECT_EQ(progress.consumed, 0U);
  EXPECT_EQ(inflater.end_message(), InflateError::reserved_block_type);
  inflater.reset();
  EXPECT_EQ(inflater.error(), InflateError::none);
  EXPECT_EQ(inflate_message(inflater, from_hex("f248cdc9c90700")), ok("Hello"));
}

TEST(Inflate, TellsThePlaceOfAnError) {
  Inflater inflater;
  EXPECT_EQ(inflater.consumed_size(), 0U);
  EXPECT_EQ(inflater.produced_size(), 0U);
  inflate_message(inflater, BitString().stored("12345").block(3).to_byte() + "rest", one_by_one);
  EXPECT_EQ(inflater.error(), InflateError::reserved_block_type);
  EXPECT_EQ(inflater.consumed_size(), 11U);
  EXPECT_EQ(inflater.produced_size(), 5U);
}

// Distances 1 to 4 have codes of their own; the rest of a window is reached with extra bits.
std::string message_with_distance(std::size_t content_size, unsigned symbol, unsigned extra,
                                  unsigned extra_bits) {
  BitString bits;
  bits.stored(std::string(content_size - 3, 'x') + "abc");
  bits.block(1).fixed_match_of_3(symbol, extra, extra_bits).fixed_symbol(256);
  return bits.message();
}

TEST(Inflate, HonoursEveryWindow) {
  for (unsigned window_bits = 8; window_bits <= 15; ++window_bits) {
    const InflateOptions options{.window_bits = window_bits};
    const unsigned symbol = 2 * (window_bits - 1) + 1;  // ends with 2^window_bits
    const unsigned extra_bits = window_bits - 2;
    const unsigned most = (1U << extra_bits) - 1;
    const std::size_t window_size = std::size_t{1} << window_bits;
    for (const std::size_t size : {window_size, window_size + 1, 2 * window_size - 1}) {
      const std::string at_the_edge = message_with_distance(size, symbol, most, extra_bits);
      const std::string behind_it = message_with_distance(size, symbol + 1, 0, extra_bits + 1);
      for (const Memory memory : {Memory::one_for_the_message, Memory::one_buffer}) {
        for (const std::size_t output_size : {std::size_t{100}, std::size_t{70000}}) {
          Inflater inflater(options);
          const Inflated edge =
              inflate_message(inflater, at_the_edge, all_at_once, output_size, memory);
          EXPECT_EQ(edge.error, InflateError::none) << window_bits;
          EXPECT_EQ(edge.output.substr(size), edge.output.substr(size - window_size, 3));
          inflater.reset();
          if (window_bits == 15) continue;
          EXPECT_EQ(inflate_message(inflater, behind_it, all_at_once, output_size, memory).error,
                    InflateError::distance_beyond_window)
              << window_bits;
        }
      }
    }
  }
}

// Many matches, so that the fast loop meets the edge too.
TEST(Inflate, HonoursTheWindowAtFullSpeed) {
  for (const bool beyond : {false, true}) {
    BitString bits;
    bits.stored(std::string(600, 'y')).block(1);
    for (int i = 0; i < 100; ++i) bits.fixed_symbol('z');
    bits.fixed_match_of_3(beyond ? 16 : 15, beyond ? 0 : 63, beyond ? 7 : 6);
    for (int i = 0; i < 100; ++i) bits.fixed_symbol('z');
    const Inflated result = inflated(bits.fixed_symbol(256).message(), {.window_bits = 8});
    EXPECT_EQ(result.error, beyond ? InflateError::distance_beyond_window : InflateError::none);
  }
}

// 258 bytes for 13 bits.
std::string many_zeros(unsigned count) {
  BitString bits;
  bits.block(1).fixed_symbol(0);
  for (unsigned i = 0; i < count; ++i) bits.fixed_symbol(285).code(0, 5);
  return bits.fixed_symbol(256).message();
}

TEST(Inflate, StopsAtTheLimit) {
  const std::string payload = many_zeros(100);
  const std::size_t size = 1 + 258 * 100;
  for (const PartSizes& sizes : {PartSizes(all_at_once), PartSizes(one_by_one)}) {
    for (const std::size_t output_size : {1U, 500U, 100'000U}) {
      Inflater enough({.max_message_size = size});
      EXPECT_EQ(inflate_message(enough, payload, sizes, output_size).output.size(), size);
      Inflater too_little({.max_message_size = size - 1});
      const Inflated result = inflate_message(too_little, payload, sizes, output_size);
      EXPECT_EQ(result.error, InflateError::message_too_big);
      EXPECT_EQ(result.output.size(), size - 258);
    }
  }
  EXPECT_EQ(inflated(BitString().stored("12345").message(), {.max_message_size = 5}), ok("12345"));
  EXPECT_EQ(inflated(BitString().stored("12345").message(), {.max_message_size = 4}).error,
            InflateError::message_too_big);
  const std::string literal = BitString().block(1).fixed_symbol('a').fixed_symbol(256).message();
  EXPECT_EQ(inflated(literal, {.max_message_size = 0}).error, InflateError::message_too_big);
}

TEST(Inflate, StopsAtTheRatioWhateverTheCuts) {
  const std::string payload = many_zeros(400);
  std::set<std::size_t> sizes;
  for (const PartSizes& parts : {PartSizes(all_at_once), PartSizes(one_by_one), split_at(200)}) {
    for (const std::size_t output_size : {1U, 500U, 100'000U}) {
      Inflater inflater({.max_ratio = 100, .ratio_free_size = 5000});
      const Inflated result = inflate_message(inflater, payload, parts, output_size);
      EXPECT_EQ(result.error, InflateError::ratio_too_high);
      sizes.insert(result.output.size());
    }
  }
  ASSERT_EQ(sizes.size(), 1U);
  // A match is 13 bits, behind 11 for the header and a literal.
  std::size_t expected = 1;
  for (std::size_t bits = 24; expected + 258 <= 5000 + 100 * ((bits + 7) / 8); bits += 13) {
    expected += 258;
  }
  EXPECT_EQ(*sizes.begin(), expected);
  const auto error_within = [&](std::size_t max_size) {
    return inflated(payload,
                    {.max_message_size = max_size, .max_ratio = 100, .ratio_free_size = 5000})
        .error;
  };
  EXPECT_EQ(error_within(expected + 258), InflateError::ratio_too_high);
  EXPECT_EQ(error_within(expected + 257), InflateError::message_too_big);
  EXPECT_EQ(inflated(payload, {.max_ratio = 160}).error, InflateError::none);
  EXPECT_EQ(inflated(payload, {.max_ratio = 0, .ratio_free_size = 0}).error,
            InflateError::ratio_too_high);
  // Stored bytes never grow.
  EXPECT_EQ(inflated(BitString().stored(std::string(1000, 'a')).message(),
                     {.max_ratio = 1, .ratio_free_size = 0})
                .error,
            InflateError::none);
}

TEST(Inflate, AllowsLimitsThatAreNone) {
  constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
  EXPECT_EQ(inflated(many_zeros(100), {.max_message_size = none, .ratio_free_size = none}).error,
            InflateError::none);
  EXPECT_EQ(inflated(many_zeros(100), {.max_message_size = none, .max_ratio = ~0U}).error,
            InflateError::none);
}

// 258 bytes for each two bits, but for the header.
TEST(Inflate, AllowsTheHighestRatioThereIs) {
  const std::string zeros(std::size_t{4} << 20, '\0');
  Deflater deflater;
  const std::string payload = deflate_message(deflater, zeros);
  EXPECT_GT(zeros.size(), 1000 * payload.size());
  EXPECT_EQ(inflated(payload, {.max_message_size = zeros.size(), .ratio_free_size = 0}).error,
            InflateError::none);
}

TEST(Inflate, NeedsNoMoreMemoryThanTheMessage) {
  Inflater inflater;
  std::vector<std::byte> memory(5);
  const std::string payload = from_hex("f248cdc9c90700");
  EXPECT_EQ(inflater.inflate_behind(as_bytes(payload), memory, 0).status,
            InflateStatus::need_input);
  EXPECT_EQ(inflater.end_message(memory), InflateError::none);
  EXPECT_EQ(inflater.inflate_behind(as_bytes(payload), {}, 0).status, InflateStatus::need_output);
}

// A stored block that waits for input asks for input, though the output is full.
TEST(Inflate, AsksForWhatIsMissing) {
  Inflater inflater;
  std::vector<std::byte> memory(2);
  const std::string payload = BitString().stored("abc").message();
  const Bytes bytes = as_bytes(payload);
  EXPECT_EQ(inflater.inflate(bytes.first(7), memory).status, InflateStatus::need_input);
  EXPECT_EQ(inflater.inflate(bytes.subspan(7, 1), {}).status, InflateStatus::need_output);
  EXPECT_EQ(inflater.inflate(bytes.subspan(7, 1), memory).produced, 1U);
}

TEST(Inflate, OwnsMemoryOnlyWhenItMust) {
  const std::size_t before = support::live_allocation_size();
  const std::string payload = BitString().stored(std::string(1000, 'a')).message();
  std::vector<std::byte> memory(1000);
  const std::size_t own = support::live_allocation_size();
  const auto used = [own] { return support::live_allocation_size() - own; };
  {
    Inflater inflater({.context_takeover = false});
    EXPECT_EQ(used(), 0U);
    inflater.inflate_behind(as_bytes(payload), memory, 0);
    EXPECT_LE(used(), 9U << 10);
    inflater.end_message(memory);
    EXPECT_LE(used(), 9U << 10);
    inflater.reset();
    EXPECT_EQ(used(), 0U);
  }
  {
    Inflater inflater;
    for (std::size_t size = 1000; size < 100'000; size += 1000) {
      inflater.inflate_behind(as_bytes(payload), memory, 0);
      inflater.end_message(memory);
      EXPECT_LE(used(), std::max<std::size_t>(2 * size, 256) + 100);
      EXPECT_LE(used(), (32U << 10) + 100);
    }
    Inflater moved = std::move(inflater);
    inflater = std::move(moved);
    inflater.reset();
    EXPECT_EQ(used(), 0U);
  }
  EXPECT_LT(before, own);
}

TEST(Inflate, ChangesNothingWhenMemoryRunsOut) {
  const std::string payload = from_hex("f248cdc9c90700");
  const std::string again = from_hex("f200110000");
  std::vector<std::byte> memory(5);
  for (const Memory mode : {Memory::one_for_the_message, Memory::one_buffer}) {
    Inflater inflater;
    for (const std::string& message : {payload, again}) {
      std::size_t failures = 0;
      for (bool done = false; !done; ++failures) {
        const support::FailingAllocation failing(failures);
        try {
          if (inflater.produced_size() == 0) {
            const InflateProgress progress =
                mode == Memory::one_buffer ? inflater.inflate(as_bytes(message), memory)
                                           : inflater.inflate_behind(as_bytes(message), memory, 0);
            EXPECT_EQ(progress.produced, 5U);
          }
          done = inflater.end_message(mode == Memory::one_buffer ? Bytes{} : Bytes(memory)) ==
                 InflateError::none;
        } catch (const std::bad_alloc&) {
          EXPECT_TRUE(failing.struck());
        }
      }
      EXPECT_GT(failures, 1U);
      EXPECT_EQ(as_text(memory), "Hello");
    }
  }
}

TEST(Inflate, HasWordsForEveryError) {
  std::set<std::string_view> words;
  for (int i = 0; i <= static_cast<int>(InflateError::ratio_too_high); ++i) {
    words.insert(to_string(static_cast<InflateError>(i)));
  }
  EXPECT_EQ(words.size(), static_cast<std::size_t>(InflateError::ratio_too_high) + 1);
}

}  // namespace
}  // namespace duplex::codec
