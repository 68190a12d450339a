// Tests of Huffman codes: complete, as short as can be, never longer than allowed.
#include "codec/huffman_code.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <queue>
#include <random>
#include <vector>

#include "codec/deflate_format.h"
#include "random_code.h"

namespace duplex::codec {
namespace {

using Frequencies = std::vector<std::uint32_t>;

std::vector<Codeword> code_for(const Frequencies& frequencies, unsigned max_length) {
  std::vector<Codeword> code(frequencies.size());
  make_code(frequencies, max_length, code);
  return code;
}

// Bits of everything, by joining the two rarest again and again.
std::uint64_t least_cost(const Frequencies& frequencies) {
  std::priority_queue<std::uint64_t, std::vector<std::uint64_t>, std::greater<>> weights;
  for (const std::uint32_t frequency : frequencies) {
    if (frequency != 0) weights.push(frequency);
  }
  std::uint64_t cost = 0;
  while (weights.size() > 1) {
    std::uint64_t sum = weights.top();
    weights.pop();
    sum += weights.top();
    weights.pop();
    weights.push(sum);
    cost += sum;
  }
  return cost;
}

std::uint64_t cost_of(const Frequencies& frequencies, const std::vector<Codeword>& code) {
  std::uint64_t cost = 0;
  for (std::size_t i = 0; i < code.size(); ++i)
    cost += std::uint64_t{frequencies[i]} * code[i].length;
  return cost;
}

// Every symbol that occurs has a code of at most so many bits, and all of these are used.
void check_complete(const Frequencies& frequencies, const std::vector<Codeword>& code,
                    unsigned max_length) {
  std::uint64_t used = 0;
  for (std::size_t i = 0; i < code.size(); ++i) {
    ASSERT_LE(code[i].length, max_length);
    ASSERT_TRUE(frequencies[i] == 0 || code[i].length != 0);
    if (code[i].length != 0) used += std::uint64_t{1} << (max_length - code[i].length);
  }
  ASSERT_EQ(used, std::uint64_t{1} << max_length);
}

Frequencies random_frequencies(std::minstd_rand& random, std::size_t count) {
  Frequencies frequencies(count);
  const auto below = [&random](unsigned limit) { return static_cast<unsigned>(random() % limit); };
  const unsigned spread = 1 + below(14);
  for (std::uint32_t& frequency : frequencies) {
    const unsigned limit = 1U << below(spread);
    frequency = below(3) == 0 ? 0 : below(limit + 1);
  }
  return frequencies;
}

// So rare are all symbols together that no code of more than 15 bits would be best: that takes as
// many as the 18th Fibonacci number.
TEST(HuffmanCode, IsAsShortAsCanBe) {
  std::minstd_rand random(1);
  int judged = 0;
  for (int i = 0; i < 500; ++i) {
    const Frequencies frequencies = random_frequencies(random, 2 + random() % 285);
    const std::vector<Codeword> code = code_for(frequencies, 15);
    ASSERT_NO_FATAL_FAILURE(check_complete(frequencies, code, 15));
    const auto used = std::ssize(frequencies) - std::ranges::count(frequencies, 0U);
    const auto sum = std::accumulate(frequencies.begin(), frequencies.end(), 0U);
    if (used < 2 || sum >= 2584) continue;
    ASSERT_EQ(cost_of(frequencies, code), least_cost(frequencies));
    ++judged;
  }
  EXPECT_GT(judged, 100);
}

TEST(HuffmanCode, IsNotTooLong) {
  Frequencies fibonacci = {1, 1};
  while (fibonacci.size() < 30) fibonacci.push_back(fibonacci.end()[-1] + fibonacci.end()[-2]);
  for (unsigned max_length = 5; max_length <= 15; ++max_length) {
    ASSERT_NO_FATAL_FAILURE(check_complete(fibonacci, code_for(fibonacci, max_length), max_length));
  }
  const std::vector<Codeword> code = code_for(fibonacci, 15);
  EXPECT_LT(cost_of(fibonacci, code), least_cost(fibonacci) * 101 / 100);
  EXPECT_TRUE(std::ranges::is_sorted(code, std::greater<>(), &Codeword::length));
}

TEST(HuffmanCode, OfSevenBitsForNineteenSymbols) {
  std::minstd_rand random(1);
  for (int i = 0; i < 500; ++i) {
    const Frequencies frequencies = random_frequencies(random, code_length_symbols);
    ASSERT_NO_FATAL_FAILURE(check_complete(frequencies, code_for(frequencies, 7), 7));
  }
}

TEST(HuffmanCode, HasAtLeastTwoCodewords) {
  const auto lengths = [](const Frequencies& frequencies) {
    Lengths all;
    for (const Codeword word : code_for(frequencies, 15)) {
      all.push_back(static_cast<std::uint8_t>(word.length));
    }
    return all;
  };
  EXPECT_EQ(lengths({0, 0, 0}), (Lengths{1, 1, 0}));
  EXPECT_EQ(lengths({9, 0, 0}), (Lengths{1, 1, 0}));
  EXPECT_EQ(lengths({0, 0, 9}), (Lengths{1, 0, 1}));
}

// RFC 1951 section 3.2.2, with the first bit last.
TEST(HuffmanCode, IsTheCanonicalOne) {
  std::minstd_rand random(1);
  for (int i = 0; i < 100; ++i) {
    const Lengths lengths = random_code(random, 2 + random() % 200, 15);
    const std::vector<unsigned> expected = canonical_codes(lengths);
    std::vector<Codeword> code;
    for (const std::uint8_t length : lengths) code.push_back({0, length});
    assign_bits(code);
    for (std::size_t symbol = 0; symbol < code.size(); ++symbol) {
      unsigned reversed = 0;
      for (unsigned bit = 0; bit < code[symbol].length; ++bit) {
        reversed = reversed << 1 | (unsigned{code[symbol].bits} >> bit & 1);
      }
      ASSERT_EQ(reversed, expected[symbol]);
    }
  }
}

}  // namespace
}  // namespace duplex::codec
