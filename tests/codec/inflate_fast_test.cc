// Tests of the inner loop of inflating: every variant, on tokens made up at random.
#include "codec/inflate_fast.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <vector>

#include "bit_string.h"
#include "random_code.h"

namespace duplex::codec {
namespace {

constexpr std::string_view ones_behind =
    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff";

// Tokens, as bits and as what they mean, behind some history that only the window holds.
class Tokens {
 public:
  Tokens(const Lengths& literals, const Lengths& distances, std::string history)
      : literal_lengths_(literals),
        distance_lengths_(distances),
        literal_codes_(canonical_codes(literals)),
        distance_codes_(canonical_codes(distances)),
        history_size_(history.size()),
        output_(std::move(history)) {}

  void literal(unsigned byte) {
    symbol(byte);
    output_ += static_cast<char>(byte);
  }

  void match(unsigned length, unsigned distance) {
    const unsigned length_row = length_rows[length];
    const SymbolRange range = length_ranges[length_row];
    symbol(first_length_symbol + length_row);
    bits_.number(length - range.base, range.extra_bits);
    const unsigned row = distance_row(distance);
    distance_symbol(row);
    bits_.number(distance - distance_ranges[row].base, distance_ranges[row].extra_bits);
    for (unsigned i = 0; i < length; ++i) output_ += output_[output_.size() - distance];
  }

  void symbol(unsigned symbol) { bits_.code(literal_codes_[symbol], literal_lengths_[symbol]); }
  void distance_symbol(unsigned symbol) {
    bits_.code(distance_codes_[symbol], distance_lengths_[symbol]);
  }

  std::size_t size() const { return output_.size(); }
  std::string output() const { return output_.substr(history_size_); }
  std::string bytes() { return bits_.to_byte() + std::string(ones_behind); }

 private:
  Lengths literal_lengths_;
  Lengths distance_lengths_;
  std::vector<unsigned> literal_codes_;
  std::vector<unsigned> distance_codes_;
  BitString bits_;
  std::size_t history_size_;
  std::string output_;
};

class InflateFast : public testing::TestWithParam<InflateVariant> {
 protected:
  void SetUp() override {
    if (!GetParam().supported()) GTEST_SKIP() << "not on this processor";
  }

  void use_codes(const Lengths& literals, const Lengths& distances) {
    ASSERT_EQ(build_decode_table(Alphabet::literal, literals, literal_memory_, state_.literals),
              CodeFault::none);
    ASSERT_EQ(build_decode_table(Alphabet::distance, distances, distance_memory_, state_.distances),
              CodeFault::none);
  }

  // The output; what stopped the loop is in the state.
  std::string run(const std::string& bytes, std::size_t output_size) {
    const Bytes in = as_bytes(bytes);
    memory_.assign(output_size + FastInflate::output_margin, std::byte{0});
    state_.in = in.data();
    state_.in_end = in.data() + in.size();
    state_.out_begin = state_.out = memory_.data();
    state_.out_end = memory_.data() + memory_.size();
    state_.bits = 0;
    state_.bit_count = 0;
    state_.window = &window_;
    state_.error = InflateError::none;
    state_.match_length = 0;
    GetParam().function(state_);
    return std::string(as_text(Bytes(memory_.data(), state_.out)));
  }

  FastInflate state_ = {.window_size = 32768};
  InflateWindow window_;

 private:
  std::array<DecodeEntry, literal_table_size> literal_memory_;
  std::array<DecodeEntry, distance_table_size> distance_memory_;
  std::vector<std::byte> memory_;
};

INSTANTIATE_TEST_SUITE_P(Variants, InflateFast, testing::ValuesIn(inflate_variants()),
                         [](const auto& test) { return std::string(test.param.name); });

const Lengths fixed_literals = [] {
  const auto lengths = fixed_literal_lengths();
  return Lengths(lengths.begin(), lengths.end());
}();
const Lengths fixed_distances(32, 5);

TEST_P(InflateFast, DecodesTokens) {
  std::minstd_rand random(1);
  const auto below = [&random](unsigned limit) { return static_cast<unsigned>(random() % limit); };
  for (int round = 0; round < 60; ++round) {
    const Lengths literals = random_code(random, max_literal_symbols, 15);
    const Lengths distances = random_code(random, max_distance_symbols, 15);
    ASSERT_NO_FATAL_FAILURE(use_codes(literals, distances));
    Tokens tokens(literals, distances, "");
    for (int i = 0; i < 2000; ++i) {
      if (tokens.size() == 0 || below(4) != 0) {
        tokens.literal(below(256));
      } else {
        const auto farthest = static_cast<unsigned>(std::min<std::size_t>(tokens.size(), 32768));
        const unsigned nearest = std::min(below(2) == 0 ? 20 : farthest, farthest);
        tokens.match(3 + below(below(2) == 0 ? 10 : 256), 1 + below(nearest));
      }
    }
    tokens.symbol(end_of_block);
    ASSERT_TRUE(run(tokens.bytes(), tokens.size()) == tokens.output());
    EXPECT_EQ(state_.error, InflateError::none);
    EXPECT_EQ(state_.match_length, 0U);
    EXPECT_TRUE(is_end_of_block(state_.literals.find(state_.bits).entry) || state_.bit_count < 15);
  }
}

TEST_P(InflateFast, StopsAtWhatIsNoSymbol) {
  ASSERT_NO_FATAL_FAILURE(use_codes(fixed_literals, fixed_distances));
  Tokens literal(fixed_literals, fixed_distances, "");
  literal.literal('a');
  literal.symbol(286);
  EXPECT_EQ(run(literal.bytes(), 100), "a");
  EXPECT_EQ(state_.error, InflateError::none);
  Tokens distance(fixed_literals, fixed_distances, "");
  distance.literal('a');
  distance.symbol(257);
  distance.distance_symbol(30);
  EXPECT_EQ(run(distance.bytes(), 100), "a");
  EXPECT_EQ(state_.error, InflateError::invalid_distance_symbol);
}

// Codes too long for the first table: 254 of 8 bits, and 32 of 12 bits for the rest.
TEST_P(InflateFast, StopsAtLongCodesThatAreNoSymbol) {
  Lengths literals(literal_symbols, 12);
  std::fill_n(literals.begin(), 254, std::uint8_t{8});
  literals[285] = literals[286] = 0;
  ASSERT_NO_FATAL_FAILURE(use_codes(literals, fixed_distances));
  for (const unsigned symbol : {256U, 287U}) {
    Tokens tokens(literals, fixed_distances, "");
    tokens.literal(255);
    tokens.literal('a');
    tokens.symbol(symbol);
    EXPECT_EQ(run(tokens.bytes(), 100),
              "\xff"
              "a");
    EXPECT_EQ(state_.error, InflateError::none);
  }
}

TEST_P(InflateFast, FindsMatchesInTheWindow) {
  ASSERT_NO_FATAL_FAILURE(use_codes(fixed_literals, fixed_distances));
  const std::string history = "abcdefghij";
  window_.reserve(history.size(), 256);
  window_.append(as_bytes(history));
  Tokens tokens(fixed_literals, fixed_distances, history);
  tokens.match(10, 10);
  tokens.literal('x');
  tokens.match(5, 18);
  tokens.symbol(end_of_block);
  EXPECT_EQ(run(tokens.bytes(), 100), "abcdefghijxdefgh");
}

TEST_P(InflateFast, LeavesOthersWhatIsHalfInTheWindow) {
  ASSERT_NO_FATAL_FAILURE(use_codes(fixed_literals, fixed_distances));
  window_.reserve(3, 256);
  window_.append(as_bytes("abc"));
  Tokens tokens(fixed_literals, fixed_distances, "abc");
  tokens.literal('x');
  tokens.match(5, 4);
  EXPECT_EQ(run(tokens.bytes(), 100), "x");
  EXPECT_EQ(state_.error, InflateError::none);
  EXPECT_EQ(state_.match_length, 5U);
  EXPECT_EQ(state_.match_distance, 4U);
}

TEST_P(InflateFast, JudgesDistances) {
  ASSERT_NO_FATAL_FAILURE(use_codes(fixed_literals, fixed_distances));
  Tokens tokens(fixed_literals, fixed_distances, std::string(300, 'a'));
  tokens.match(5, 300);
  EXPECT_EQ(run(tokens.bytes(), 100), "");
  EXPECT_EQ(state_.error, InflateError::distance_too_far_back);
  state_.window_size = 256;
  EXPECT_EQ(run(tokens.bytes(), 100), "");
  EXPECT_EQ(state_.error, InflateError::distance_beyond_window);
}

// With too little room for another round, whatever is left is for others; not a byte is lost.
TEST_P(InflateFast, StopsBeforeTheEnds) {
  ASSERT_NO_FATAL_FAILURE(use_codes(fixed_literals, fixed_distances));
  Tokens tokens(fixed_literals, fixed_distances, "");
  for (unsigned i = 0; i < 1000; ++i) tokens.literal(i % 256);
  const std::string bytes = tokens.bytes();
  const std::string by_output = run(bytes, 100);
  EXPECT_TRUE(by_output.size() > 100 && by_output.size() <= 103) << by_output.size();
  const std::string by_input = run(bytes.substr(0, 200), 1000);
  EXPECT_EQ(by_input, tokens.output().substr(0, by_input.size()));
  EXPECT_LT(state_.bit_count, 8U);
  const auto used = static_cast<std::size_t>(state_.in - (state_.in_end - 200));
  EXPECT_GT(used, 200 - FastInflate::input_margin - 8);
}

}  // namespace
}  // namespace duplex::codec
