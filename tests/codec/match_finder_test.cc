// Tests of finding matches, beside a search of everything.
#include "codec/match_finder.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "duplex/base/bytes.h"

namespace duplex::codec {
namespace {

constexpr unsigned window_bits = 8;
constexpr std::uint32_t window_size = 256;

MatchLimits limits_at(std::size_t at, std::size_t size) {
  return {.max_distance = static_cast<std::uint32_t>(std::min<std::size_t>(at, window_size)),
          .max_length = static_cast<unsigned>(std::min<std::size_t>(size - at, max_match)),
          .max_probes = 1000,
          .good_length = max_match};
}

// The longest match of at least four bytes, the nearest of these.
Match search_all(const std::string& text, std::size_t at, const MatchLimits& limits) {
  Match best{3, 0};
  for (unsigned distance = 1; distance <= limits.max_distance; ++distance) {
    unsigned length = 0;
    while (length < limits.max_length && text[at + length] == text[at + length - distance])
      ++length;
    if (length > best.length) best = {length, distance};
  }
  return best.distance == 0 ? Match{} : best;
}

std::string repetitive_text(std::size_t size) {
  std::minstd_rand random(1);
  std::string text;
  while (text.size() < size) {
    if (random() % 3 == 0 && text.size() > 20) {
      const std::size_t from = random() % text.size();
      text += text.substr(from, random() % 40);
    } else {
      text += static_cast<char>('a' + random() % 20);
    }
  }
  return text.substr(0, size);
}

// Positions go on beyond 2^32 without anybody noticing.
TEST(MatchFinder, FindsTheLongest) {
  const std::string text = repetitive_text(3000);
  const Bytes bytes = as_bytes(text);
  for (const std::uint32_t base : {1U, 0U - 1500U, 0x80000000U}) {
    MatchFinder finder(window_bits, 10, 8);
    MatchSearch search(finder);
    unsigned found = 0;
    for (std::size_t at = 0; at + MatchSearch::hashed_size <= text.size(); ++at) {
      const MatchLimits limits = limits_at(at, text.size());
      const Match match =
          search.find<false>(bytes.data() + at, base + static_cast<std::uint32_t>(at), limits, 0);
      const Match expected = search_all(text, at, limits);
      ASSERT_EQ(match.length, expected.length) << "at " << at;
      ASSERT_EQ(match.distance, expected.distance) << "at " << at;
      found += match.length != 0 ? 1 : 0;
    }
    EXPECT_GT(found, 1000U);
  }
}

TEST(MatchFinder, FindsThreeBytesNearby) {
  const std::string text = "abc-abd-abc!----";
  const Bytes bytes = as_bytes(text);
  MatchFinder finder(window_bits, 10, 8);
  MatchSearch search(finder);
  for (std::uint32_t at = 0; at < 8; ++at) search.insert<true>(bytes.data() + at, 1 + at);
  const Match match = search.find<true>(bytes.data() + 8, 9, limits_at(8, text.size()), 0);
  EXPECT_EQ(match.length, 3U);
  EXPECT_EQ(match.distance, 8U);
  const Match longer = search.find<true>(bytes.data() + 8, 9, limits_at(8, text.size()), 3);
  EXPECT_EQ(longer.length, 0U);
}

TEST(MatchFinder, LooksNoFurtherThanItIsTold) {
  const std::string text = "abcd1abcd23abcd245abcd2456";
  const Bytes bytes = as_bytes(text);
  MatchLimits limits = limits_at(18, text.size());
  const auto find = [&] {
    MatchFinder finder(window_bits, 10, 8);
    MatchSearch search(finder);
    for (std::uint32_t at = 0; at < 18; ++at) search.insert<false>(bytes.data() + at, 1 + at);
    return search.find<false>(bytes.data() + 18, 19, limits, 0);
  };
  EXPECT_EQ(find().distance, 7U);
  limits.max_distance = 6;
  EXPECT_EQ(find().length, 0U);
  limits.max_distance = 18;
  limits.max_length = 4;
  EXPECT_EQ(find().length, 4U);
  limits.max_length = 8;
  limits.max_probes = 0;
  EXPECT_EQ(find().length, 0U);
  // A good match ends the search before the better one.
  const std::string other = "abcdef-abcde-abcdef";
  MatchFinder finder(window_bits, 10, 8);
  MatchSearch search(finder);
  const Bytes other_bytes = as_bytes(other);
  for (std::uint32_t at = 0; at < 13; ++at) search.insert<false>(other_bytes.data() + at, 1 + at);
  MatchLimits good = limits_at(13, other.size());
  good.good_length = 5;
  EXPECT_EQ(search.find<false>(other_bytes.data() + 13, 14, good, 0).distance, 6U);
}

}  // namespace
}  // namespace duplex::codec
