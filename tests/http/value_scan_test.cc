// The fast ways through a field value against the slow one.
#include "http/value_scan.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace duplex::http {
namespace {

std::size_t slow_end(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && is(text[at], CharacterClass::field_value)) ++at;
  return at;
}

std::size_t fast_end(std::string_view text) {
  return static_cast<std::size_t>(skip_value(text.data(), text.data() + text.size()) - text.data());
}

TEST(SkipValue, StopsAtEveryByteAtEveryPlaceAsTheTableSays) {
  for (std::size_t size = 1; size <= 40; ++size) {
    for (int byte = 0; byte < 256; ++byte) {
      for (std::size_t at = 0; at < size; ++at) {
        // Exactly as large as the text, so that a sanitizer sees a read behind its end.
        std::vector<char> text(size, at % 2 == 0 ? 'x' : static_cast<char>(0xFF));
        text[at] = static_cast<char>(byte);
        const std::string_view view(text.data(), size);
        ASSERT_EQ(fast_end(view), slow_end(view)) << size << " " << byte << " " << at;
      }
    }
  }
}

TEST(SkipValue, StopsInRandomTextAsTheTableSays) {
  constexpr std::string_view alphabet("ax ~\t\x80\xFF\xFE\x7E\x1F\x7F\r", 12);
  std::mt19937 random(1);
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (auto size = random() % 64; size > 0; --size) {
      text += alphabet[random() % (random() % 8 == 0 ? alphabet.size() : 9)];
    }
    ASSERT_EQ(fast_end(text), slow_end(text));
  }
}

}  // namespace
}  // namespace duplex::http
