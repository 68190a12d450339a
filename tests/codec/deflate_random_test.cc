// Random messages through random options, cuts and buffers, there and back.
#include <gtest/gtest.h>

#include <random>

#include "../support/corpus.h"
#include "../support/seeds.h"
#include "deflating.h"

namespace duplex::codec {
namespace {

class Chance {
 public:
  explicit Chance(std::uint64_t seed)
      : random_(static_cast<std::uint32_t>(seed)), corpus_(static_cast<std::uint32_t>(seed)) {}

  std::size_t below(std::size_t limit) { return (random_() >> 4) % limit; }

  // Mixed of everything, with much that came before.
  std::string message() {
    std::string out;
    for (std::size_t part = below(6); part > 0; --part) {
      const std::size_t size = below(std::size_t{1} << below(15));
      switch (below(6)) {
        case 0:
          out += corpus_.noise(size);
          break;
        case 1:
          out += corpus_.text(size);
          break;
        case 2:
          out += corpus_.json(size);
          break;
        case 3:
          out += std::string(size, static_cast<char>(below(256)));
          break;
        case 4:
          for (std::size_t i = 0; i < size; ++i) out += static_cast<char>('a' + below(2));
          break;
        default:
          if (!last_.empty()) out += last_.substr(below(last_.size()), size);
      }
    }
    last_ = out.empty() ? last_ : out;
    return out;
  }

  PartSizes sizes() {
    const std::size_t most = std::size_t{1} << below(17);
    return [this, most](std::size_t rest) { return 1 + below(std::min(most, rest)); };
  }

  std::size_t buffer_size() { return 1 + below(std::size_t{1} << below(17)); }

 private:
  std::minstd_rand random_;
  support::Corpus corpus_;
  std::string last_;
};

TEST(DeflateRandom, ComesBack) {
  support::for_each_seed(50, [](std::uint64_t seed) {
    Chance chance(seed);
    const unsigned window_bits = 8 + static_cast<unsigned>(chance.below(8));
    const bool takeover = chance.below(2) == 0;
    Deflater deflater(
        {.level = static_cast<unsigned>(chance.below(10)), .window_bits = window_bits});
    Inflater inflater({.window_bits = window_bits, .context_takeover = takeover});
    const Memory memory = chance.below(2) == 0 ? Memory::one_buffer : Memory::one_for_the_message;
    for (int i = 0; i < 6; ++i) {
      const std::string message = chance.message();
      const std::string payload =
          deflate_message(deflater, message, chance.sizes(), chance.buffer_size());
      const Inflated result =
          inflate_message(inflater, payload, chance.sizes(), chance.buffer_size(), memory);
      ASSERT_EQ(result.error, InflateError::none);
      ASSERT_TRUE(result.output == message);
      if (!takeover) deflater.reset();
    }
  });
}

// What is damaged gives an error or other bytes, the same whatever the cuts, and nothing worse.
TEST(DeflateRandom, SurvivesDamage) {
  support::for_each_seed(50, [](std::uint64_t seed) {
    Chance chance(seed);
    Deflater deflater({.level = static_cast<unsigned>(chance.below(10))});
    std::string payload = deflate_message(deflater, chance.message());
    for (int i = 0; i < 10; ++i) {
      std::string damaged = payload;
      for (std::size_t hits = 1 + chance.below(3); hits > 0; --hits) {
        damaged[chance.below(damaged.size())] = static_cast<char>(chance.below(256));
      }
      Inflater inflater({.max_message_size = 100'000});
      const Inflated whole = inflate_message(inflater, damaged);
      inflater.reset();
      const Inflated cut =
          inflate_message(inflater, damaged, chance.sizes(), 1 + chance.below(3000),
                          chance.below(2) == 0 ? Memory::one_buffer : Memory::one_for_the_message);
      ASSERT_EQ(whole.error, cut.error);
      ASSERT_TRUE(whole.output == cut.output);
    }
  });
}

}  // namespace
}  // namespace duplex::codec
