// Tests of deflating: read back at every level and window, however it is cut, and never too large.
#include "duplex/codec/deflate.h"

#include <gtest/gtest.h>

#include <new>
#include <random>

#include "../support/allocations.h"
#include "../support/corpus.h"
#include "../support/wire.h"
#include "codec/deflate_format.h"
#include "deflating.h"

namespace duplex::codec {
namespace {

constexpr std::size_t one_mebibyte = std::size_t{1} << 20;

std::string deflated(std::string_view message, const DeflateOptions& options = {}) {
  Deflater deflater(options);
  return deflate_message(deflater, message);
}

// The inflater is strict: a distance beyond the window would be an error.
Inflated read_back(std::string_view payload, unsigned window_bits = 15) {
  Inflater inflater({.window_bits = window_bits});
  return inflate_message(inflater, payload);
}

void check_round_trip(std::string_view message, const DeflateOptions& options) {
  const std::string payload = deflated(message, options);
  const Inflated result = read_back(payload, options.window_bits);
  ASSERT_EQ(result.error, InflateError::none);
  ASSERT_TRUE(result.output == message);
  ASSERT_LE(payload.size() + flush_tail_size,
            max_deflated_size(message.size(), options.window_bits));
}

void check_every_level_and_window(std::string_view message) {
  for (unsigned level = 0; level <= 9; ++level) {
    for (unsigned window_bits = 8; window_bits <= 15; ++window_bits) {
      SCOPED_TRACE("level " + std::to_string(level) + ", window " + std::to_string(window_bits));
      ASSERT_NO_FATAL_FAILURE(
          check_round_trip(message, {.level = level, .window_bits = window_bits}));
    }
  }
}

std::string all_bytes() {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  return bytes;
}

// Nearly everything is a short match from far away: the most bits a token can have.
std::string far_matches(std::size_t size) {
  support::Corpus corpus(7);
  std::string text = corpus.noise(32000);
  while (text.size() < size) {
    text += text.substr(text.size() - 31000 + corpus.below(5000), 3 + corpus.below(4));
  }
  return text;
}

TEST(Deflate, IsReadBackAtEveryLevelAndWindow) {
  support::Corpus corpus(1);
  const std::string messages[] = {"",
                                  "a",
                                  "ab",
                                  "abcabcabcabcabc",
                                  std::string(10'000, 'x'),
                                  all_bytes() + all_bytes(),
                                  corpus.noise(9000),
                                  corpus.text(9000),
                                  corpus.json(1000),
                                  far_matches(45'000)};
  for (const std::string& message : messages) {
    ASSERT_NO_FATAL_FAILURE(check_every_level_and_window(message));
  }
}

TEST(Deflate, IsReadBackWhenLarge) {
  support::Corpus corpus(2);
  const std::string json = corpus.json(one_mebibyte / 2);
  const std::string noise = corpus.noise(300'000);
  for (const unsigned level : {0U, 1U, 6U}) {
    for (const unsigned window_bits : {9U, 15U}) {
      const DeflateOptions options{.level = level, .window_bits = window_bits};
      ASSERT_NO_FATAL_FAILURE(check_round_trip(json, options));
      ASSERT_NO_FATAL_FAILURE(check_round_trip(noise + json.substr(0, 100'000) + noise, options));
    }
  }
}

TEST(Deflate, TakesALevelAboveNineForNine) {
  support::Corpus corpus(1);
  const std::string text = corpus.text(5000);
  EXPECT_EQ(deflated(text, {.level = 10}), deflated(text, {.level = 9}));
}

TEST(Deflate, CompressesBetterAtHigherLevels) {
  support::Corpus corpus(3);
  for (const std::string& message : {corpus.text(100'000), corpus.json(100'000)}) {
    std::size_t before = message.size() + 100;
    for (const unsigned level : {0U, 1U, 4U, 6U, 9U}) {
      const std::size_t size = deflated(message, {.level = level}).size();
      EXPECT_LT(size, before) << "level " << level;
      before = size;
    }
    EXPECT_LT(deflated(message, {.level = 1}).size(), message.size() / 3);
    EXPECT_LT(deflated(message, {.window_bits = 15}).size(),
              deflated(message, {.window_bits = 8}).size());
  }
}

unsigned block_type(std::string_view payload) {
  return static_cast<unsigned char>(payload.at(0)) >> 1 & 3;
}

TEST(Deflate, ChoosesTheSmallestBlock) {
  support::Corpus corpus(1);
  EXPECT_EQ(block_type(deflated("Hello")), 1U);
  EXPECT_EQ(block_type(deflated(corpus.text(5000))), 2U);
  EXPECT_EQ(block_type(deflated(corpus.noise(5000))), 0U);
}

// RFC 7692 sections 7.2.3.1, 7.2.3.2 and 7.2.3.6.
TEST(Deflate, MakesTheExamplesOfTheRfc) {
  Deflater deflater;
  EXPECT_EQ(deflate_message(deflater, "Hello"), support::from_hex("f248cdc9c90700"));
  EXPECT_LE(deflate_message(deflater, "Hello").size(), support::from_hex("f200110000").size());
  EXPECT_EQ(deflate_message(deflater, ""), support::from_hex("00"));
  deflater.reset();
  EXPECT_EQ(deflate_message(deflater, "Hello"), support::from_hex("f248cdc9c90700"));
}

TEST(Deflate, StoresAtLevelNought) {
  EXPECT_EQ(deflated("Hello", {.level = 0}), support::from_hex("000500faff48656c6c6f00"));
  EXPECT_EQ(deflated(std::string(70'000, 'a'), {.level = 0}).size(), 70'000U + 2 * 5 + 1);
}

TEST(Deflate, NeverGrowsBeyondItsBound) {
  support::Corpus corpus(1);
  const std::string noise = corpus.noise(200'000);
  for (const std::size_t size :
       {0U, 1U, 100U, 65534U, 65535U, 65536U, 131070U, 131071U, 200'000U}) {
    const std::size_t blocks = (size + 65534) / 65535;
    for (const unsigned level : {0U, 1U, 6U}) {
      EXPECT_LE(deflated(noise.substr(0, size), {.level = level}).size() + flush_tail_size,
                size + 5 * blocks + 6);
    }
    EXPECT_LE(size + 5 * blocks + 6, max_deflated_size(size));
  }
}

// A match is two bits. What is above that is headers: of one block, or in a small window, whose
// blocks have fewer tokens, of eight.
TEST(Deflate, GoesOnWithABlockThatCompressesWell) {
  support::Corpus corpus(1);
  const std::string run(one_mebibyte, 'z');
  const std::size_t least = 2 * (run.size() / max_match) / 8;
  for (const unsigned level : {1U, 6U, 9U}) {
    for (const auto& [window_bits, headers] : {std::pair(8U, 400U), {15U, 50U}}) {
      const DeflateOptions options{.level = level, .window_bits = window_bits};
      EXPECT_LT(deflated(run, options).size(), least + headers);
      ASSERT_NO_FATAL_FAILURE(
          check_round_trip(run + corpus.noise(200'000) + run + corpus.text(1000), options));
    }
  }
}

// What compresses between what does not, in blocks of their own.
TEST(Deflate, StoresOnlyWhatDoesNotCompress) {
  support::Corpus corpus(1);
  const std::string noise = corpus.noise(20'000);
  const std::string message = noise + corpus.text(100'000) + noise;
  const std::string payload = deflated(message);
  EXPECT_EQ(block_type(payload), 0U);
  EXPECT_LT(payload.size(), 40'000 + 40'000U);
  EXPECT_EQ(read_back(payload).output, message);
}

TEST(Deflate, GivesTheSameHoweverItIsCut) {
  support::Corpus corpus(4);
  for (const std::string& message :
       {corpus.text(12'000), corpus.json(3000), corpus.noise(9000) + corpus.text(9000),
        std::string(20'000, 'z') + corpus.noise(9000)}) {
    for (const unsigned level : {0U, 1U, 5U}) {
      const DeflateOptions options{.level = level, .window_bits = 10 + level};
      const std::string whole = deflated(message, options);
      const auto check = [&](const PartSizes& sizes, std::size_t output_size) {
        Deflater deflater(options);
        EXPECT_TRUE(deflate_message(deflater, message, sizes, output_size) == whole);
      };
      check(one_by_one, 1 << 16);
      check(all_at_once, 1);
      check(one_by_one, 1);
      for (std::size_t split = 1; split < message.size(); split += message.size() / 6) {
        check(split_at(split), 7 + split % 100);
      }
    }
  }
}

TEST(Deflate, FlushesAsOftenAsItIsAsked) {
  Deflater deflater;
  std::string output;
  deflate_part(deflater, "one", Flush::sync, 100, output);
  deflate_part(deflater, "", Flush::sync, 100, output);
  deflate_part(deflater, "two", Flush::none, 100, output);
  deflate_part(deflater, "", Flush::sync, 100, output);
  EXPECT_EQ(read_back(output + '\0').output, "onetwo");
}

TEST(Deflate, AsksForOutputOnlyWhenItIsFull) {
  Deflater deflater;
  std::vector<std::byte> output(7 + flush_tail_size);
  const DeflateProgress progress = deflater.deflate(as_bytes("Hello"), output, Flush::sync);
  EXPECT_EQ(progress.status, DeflateStatus::flushed);
  EXPECT_EQ(progress.produced, output.size());
  EXPECT_EQ(deflater.deflate(as_bytes("Hello"), {}, Flush::none).status, DeflateStatus::need_input);
  EXPECT_EQ(deflater.deflate({}, {}, Flush::sync).status, DeflateStatus::need_output);
}

TEST(Deflate, TakesOverTheContext) {
  support::Corpus corpus(5);
  for (const unsigned window_bits : {8U, 9U, 12U, 15U}) {
    for (const unsigned level : {0U, 1U, 6U, 9U}) {
      Deflater deflater({.level = level, .window_bits = window_bits});
      Inflater inflater({.window_bits = window_bits});
      std::size_t size = 0;
      std::size_t alone = 0;
      for (int i = 0; i < 60; ++i) {
        const std::string message = corpus.json(1 + corpus.below(1000));
        const std::string payload = deflate_message(deflater, message);
        ASSERT_EQ(inflate_message(inflater, payload), (Inflated{message, InflateError::none}));
        size += payload.size();
        alone += deflated(message, {.level = level, .window_bits = window_bits}).size();
      }
      EXPECT_LT(size, window_bits > 9 && level > 0 ? alone * 3 / 4 : alone + 1);
    }
  }
}

// What is dropped from the buffer is never what a distance of the whole window still reaches.
TEST(Deflate, FindsMatchesAtTheEndOfTheWindow) {
  support::Corpus corpus(1);
  for (const unsigned window_bits : {8U, 10U}) {
    const std::string period = corpus.noise(std::size_t{1} << window_bits);
    std::string message;
    for (int i = 0; i < 60; ++i) message += period;
    const DeflateOptions options{.window_bits = window_bits};
    const std::string whole = deflated(message, options);
    EXPECT_LT(whole.size(), 2 * period.size());
    Deflater deflater(options);
    EXPECT_TRUE(deflate_message(deflater, message, one_by_one) == whole);
  }
}

// One for many connections: what it saw before leaves no trace.
TEST(Deflate, ForgetsAtReset) {
  support::Corpus corpus(6);
  for (const unsigned level : {0U, 1U, 6U}) {
    Deflater shared({.level = level});
    for (int i = 0; i < 30; ++i) {
      const std::string message = i % 10 == 0 ? corpus.noise(500) + corpus.text(90'000)
                                              : corpus.json(1 + corpus.below(3000));
      EXPECT_TRUE(deflate_message(shared, message) == deflated(message, {.level = level}));
      shared.reset();
      // In the middle of something too.
      std::string dropped;
      deflate_part(shared, message.substr(0, corpus.below(1000)), Flush::none, 100, dropped);
      std::vector<std::byte> small(3);
      shared.deflate(as_bytes(message), small, Flush::sync);
      shared.reset();
      deflate_part(shared, std::string(i % 10 == 0 ? 100'000 : 0, 'z'), Flush::none, 100, dropped);
      shared.reset();
    }
    // Of noise not every place is remembered: not even those where the last message had the same.
    const std::string noise = corpus.noise(20'000);
    const std::string again = noise.substr(15'000, 100);
    deflate_message(shared, std::string(15'000, 'a') + again);
    shared.reset();
    EXPECT_TRUE(deflate_message(shared, noise + again) ==
                deflated(noise + again, {.level = level}));
    shared.reset();
  }
}

// A compressed block between stored ones costs them a header more; it must save that too.
TEST(Deflate, NeverGrowsByChangingBetweenBlocks) {
  support::Corpus corpus(1);
  constexpr std::size_t block = 512;  // literals, in a window of 256 bytes
  for (unsigned values = 130; values < 200; values += 2) {
    std::string message;
    for (int i = 0; i < 60; ++i) {
      message += corpus.noise(block);
      for (std::size_t j = 0; j < block; ++j) message += static_cast<char>(corpus.below(values));
    }
    for (const unsigned level : {1U, 4U, 9U}) {
      const std::string compressed = deflated(message, {.level = level, .window_bits = 8});
      EXPECT_LE(compressed.size(), max_deflated_size(message.size(), 8)) << values << ' ' << level;
    }
  }
}

// What compressed so well that it was never to be stored speaks for its own block only.
TEST(Deflate, NeverGrowsAfterALongBlock) {
  support::Corpus corpus(1);
  const std::string zeros(200'000, '\0');
  const std::string noise = corpus.noise(2'000'000);
  constexpr std::size_t mixed = 8192 / 8;  // the block in which noise begins: a bit for each token
  for (const unsigned level : {1U, 4U, 9U}) {
    const std::size_t size = deflated(zeros + noise, {.level = level}).size();
    EXPECT_LE(size, deflated(zeros, {.level = level}).size() + noise.size() + mixed) << size;
  }
}

TEST(Deflate, OwnsTheMemoryItSays) {
  support::Corpus corpus(1);
  const std::string message = corpus.text(100'000);
  EXPECT_LE(Deflater::memory_size({.window_bits = 8}), 16U << 10);
  EXPECT_LE(Deflater::memory_size({.window_bits = 12}), 70U << 10);
  EXPECT_LE(Deflater::memory_size({.window_bits = 15}), 280U << 10);
  for (unsigned window_bits = 8; window_bits <= 15; ++window_bits) {
    const DeflateOptions options{.window_bits = window_bits};
    std::vector<std::byte> output(max_deflated_size(message.size()) + message.size());
    const std::size_t before = support::live_allocation_size();
    Deflater deflater(options);
    EXPECT_EQ(support::live_allocation_size(), before);
    deflater.reset();
    deflater.deflate(as_bytes(message), output, Flush::sync);
    const std::size_t used = support::live_allocation_size() - before;
    EXPECT_GE(used, Deflater::memory_size(options));
    EXPECT_LE(used, Deflater::memory_size(options) + 100);  // rounded up
    const std::size_t allocations = support::allocation_count();
    deflater.reset();
    deflater.deflate(as_bytes(message), output, Flush::sync);
    EXPECT_EQ(support::allocation_count(), allocations);
    Deflater moved = std::move(deflater);
    deflater = std::move(moved);
  }
}

TEST(Deflate, ChangesNothingWhenMemoryRunsOut) {
  Deflater deflater;
  std::vector<std::byte> output(100);
  const std::size_t before = support::live_allocation_count();
  for (std::size_t successes = 0;; ++successes) {
    const support::FailingAllocation failing(successes);
    try {
      EXPECT_EQ(deflater.deflate(as_bytes("Hello"), output, Flush::sync).status,
                DeflateStatus::flushed);
      EXPECT_GT(successes, 3U);
      break;
    } catch (const std::bad_alloc&) {
      EXPECT_EQ(support::live_allocation_count(), before);
    }
  }
}

}  // namespace
}  // namespace duplex::codec
