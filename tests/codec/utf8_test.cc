// Tests of UTF-8 validation: verdicts, the byte at which they fall, and every variant of the code.
#include "duplex/codec/utf8.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <vector>

#include "codec/utf8_variants.h"
#include "utf8_oracle.h"

namespace duplex::codec {
namespace {

static_assert(sizeof(Utf8Validator) <= 4);

std::string hex_of(std::string_view text) {
  std::string hex;
  for (char c : text) {
    hex += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    hex += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
  }
  return hex;
}

// Feeds two parts: each must be refused exactly when it holds the byte that dooms the text.
void check_split(const std::string& text, std::size_t split) {
  const Utf8Verdict verdict = judge_utf8(text);
  // Memory of their own lets the address sanitizer see a read beyond a part.
  const std::string head = text.substr(0, split);
  const std::string tail = text.substr(split);
  Utf8Validator validator;
  ASSERT_EQ(validator.feed(as_bytes(head)), verdict.doomed_at >= split)
      << hex_of(text) << " cut at " << split;
  ASSERT_EQ(validator.feed(as_bytes(tail)), verdict.doomed_at == Utf8Verdict::never)
      << hex_of(text) << " cut at " << split;
  ASSERT_EQ(validator.complete(), verdict.valid()) << hex_of(text) << " cut at " << split;
}

void check_every_split(const std::string& text) {
  ASSERT_EQ(is_valid_utf8(as_bytes(text)), judge_utf8(text).valid()) << hex_of(text);
  for (std::size_t split = 0; split <= text.size(); ++split) {
    ASSERT_NO_FATAL_FAILURE(check_split(text, split));
  }
}

void check_variants(const std::string& text) {
  const bool valid = judge_utf8(text).valid();
  for (const Utf8Variant& variant : utf8_variants()) {
    if (!variant.supported()) continue;
    ASSERT_EQ(variant.function(as_bytes(text).data(), text.size()), valid)
        << variant.name << ' ' << hex_of(text);
  }
}

constexpr std::string_view valid_sequences[] = {
    "",
    "A",
    "\x7f",
    "\xc2\x80",
    "\xdf\xbf",
    "\xe0\xa0\x80",
    "\xec\xbf\xbf",
    "\xed\x80\x80",
    "\xed\x9f\xbf",
    "\xee\x80\x80",
    "\xef\xbf\xbf",
    "\xf0\x90\x80\x80",
    "\xf3\xbf\xbf\xbf",
    "\xf4\x8f\xbf\xbf",
    "\xef\xbb\xbf",
    "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5",
};

// Each is doomed at its last byte, not before.
constexpr std::string_view doomed_sequences[] = {
    "\x80",
    "\xbf",
    "\xc0",
    "\xc1",
    "\xc2\x7f",
    "\xc2\xc0",
    "\xdf\x41",
    "\xe0\x80",
    "\xe0\x9f",
    "\xe1\xc0",
    "\xed\xa0",
    "\xed\xbf",
    "\xef\xbf\x41",
    "\xf0\x80",
    "\xf0\x8f",
    "\xf1\x80\x41",
    "\xf1\x80\x80\xff",
    "\xf4\x90",
    "\xf4\xbf",
    "\xf5",
    "\xf8",
    "\xfc",
    "\xfe",
    "\xff",
    "\xc3\xa9\xa9",
    "\xe2\x82\xac\x80",
    "\xf0\x9f\x98\x80\x80",
};

TEST(Utf8, AcceptsWhatIsValid) {
  for (std::string_view text : valid_sequences) {
    EXPECT_TRUE(is_valid_utf8(as_bytes(text))) << hex_of(text);
    EXPECT_TRUE(judge_utf8(text).valid()) << hex_of(text);
  }
}

TEST(Utf8, FailsAtTheByteThatDooms) {
  for (std::string_view text : doomed_sequences) {
    Utf8Validator validator;
    EXPECT_TRUE(validator.feed(as_bytes(text.substr(0, text.size() - 1)))) << hex_of(text);
    EXPECT_FALSE(validator.feed(as_bytes(text.substr(text.size() - 1)))) << hex_of(text);
    EXPECT_EQ(judge_utf8(text).doomed_at, text.size() - 1) << hex_of(text);
  }
}

TEST(Utf8, StaysFailedUntilReset) {
  Utf8Validator validator;
  EXPECT_FALSE(validator.feed(as_bytes("\xff")));
  EXPECT_FALSE(validator.feed({}));
  EXPECT_FALSE(validator.feed(as_bytes("A")));
  EXPECT_FALSE(validator.feed(as_bytes("\xff")));
  EXPECT_FALSE(validator.complete());
  validator.reset();
  EXPECT_TRUE(validator.complete());
  EXPECT_TRUE(validator.feed(as_bytes("\xc3")));
  EXPECT_TRUE(validator.feed({}));
  EXPECT_FALSE(validator.complete());
  EXPECT_TRUE(validator.feed(as_bytes("\xa9")));
  EXPECT_TRUE(validator.complete());
}

TEST(Utf8, StaysFailedAfterALongText) {
  const std::string text = std::string(50, 'x') + "\xff" + std::string(50, 'x');
  Utf8Validator validator;
  EXPECT_FALSE(validator.feed(as_bytes(text)));
  EXPECT_FALSE(validator.feed(as_bytes("A")));
}

TEST(Utf8, VerdictDoesNotDependOnTheSplit) {
  const std::string filler = "\xd0\xb6\xe2\x82\xac\xf0\x9f\x98\x80 plain ";
  std::vector<std::string> sequences(std::begin(valid_sequences), std::end(valid_sequences));
  sequences.insert(sequences.end(), std::begin(doomed_sequences), std::end(doomed_sequences));
  sequences.insert(sequences.end(), {"\xc3", "\xe2", "\xe2\x82", "\xf0\x9f", "\xf0\x9f\x98"});
  for (const std::string& text : sequences) {
    ASSERT_NO_FATAL_FAILURE(check_every_split(text));
    ASSERT_NO_FATAL_FAILURE(check_every_split(std::string(29, 'x') + text + "xyz"));
    ASSERT_NO_FATAL_FAILURE(check_every_split(filler + filler + text));
    ASSERT_NO_FATAL_FAILURE(check_every_split(text + filler + filler + filler + filler + filler));
    ASSERT_NO_FATAL_FAILURE(check_every_split(std::string(150, 'x') + text + filler));
  }
}

// Extends `text` by every byte; goes on from those that need more. After a refusal all is refused.
void check_extensions(std::string& text, Utf8Validator before) {
  text.push_back('\0');
  for (int i = 0; i < 256; ++i) {
    text.back() = static_cast<char>(i);
    Utf8Validator validator = before;
    const Utf8Verdict verdict = judge_utf8(text);
    ASSERT_EQ(validator.step(static_cast<std::byte>(i)), verdict.doomed_at == Utf8Verdict::never)
        << hex_of(text);
    ASSERT_EQ(validator.complete(), verdict.valid()) << hex_of(text);
    if (verdict.whole) continue;
    ASSERT_NO_FATAL_FAILURE(check_extensions(text, validator));
  }
  text.pop_back();
}

TEST(Utf8, DecidesEverySequenceOfOneToFourBytes) {
  std::string text;
  check_extensions(text, Utf8Validator{});
}

TEST(Utf8, EveryVariantKnowsEverySequenceOfBoundaryBytes) {
  constexpr std::array<std::uint8_t, 25> boundaries = {
      0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf,
      0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff};
  for (std::size_t i = 0; i < 25 * 25 * 25 * 25; ++i) {
    // The place moves with `i`, over the borders of vectors and to the end of the text.
    std::string text(96, 'x');
    std::size_t digits = i;
    for (std::size_t j = 0; j < 4; ++j, digits /= 25) {
      text[i % 93 + j] = static_cast<char>(boundaries[digits % 25]);
    }
    ASSERT_NO_FATAL_FAILURE(check_variants(text));
  }
}

TEST(Utf8, EveryVariantKnowsEveryPlaceAndLength) {
  for (std::string_view sequence :
       {"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xed\xa0\x80"}) {
    for (std::size_t size = 1; size <= 150; ++size) {
      for (std::size_t at = 0; at < size; ++at) {
        std::string text(size, 'x');
        // At the end the sequence is cut short.
        const std::string_view fits = sequence.substr(0, size - at);
        text.replace(at, fits.size(), fits);
        ASSERT_NO_FATAL_FAILURE(check_variants(text));
      }
    }
  }
}

// A random text: mostly whole sequences, in runs of ASCII and of others.
std::string random_text(std::mt19937& random) {
  constexpr std::string_view pieces[] = {"ascii only, some of it rather long, for the fast path",
                                         "a",
                                         "\xc3\xa9",
                                         "\xd0\xb6\xd0\xb7",
                                         "\xe2\x82\xac",
                                         "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
                                         "\xf0\x9f\x98\x80",
                                         "\xf4\x8f\xbf\xbf"};
  std::string text;
  const std::size_t size = random() % 400;
  while (text.size() < size) text += pieces[random() % std::size(pieces)];
  if (random() % 2 == 0 && !text.empty()) {
    text[random() % text.size()] = static_cast<char>(random());
  }
  if (random() % 4 == 0 && !text.empty()) text.pop_back();
  return text;
}

TEST(Utf8, AgreesWithThePlainDefinitionOnRandomTexts) {
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = random_text(random);
    ASSERT_NO_FATAL_FAILURE(check_variants(text + "!"));
    ASSERT_NO_FATAL_FAILURE(check_split(text, random() % (text.size() + 1)));
  }
}

TEST(Utf8, AgreesWithThePlainDefinitionOnRandomBytes) {
  std::mt19937 random(2);
  for (int i = 0; i < 20'000; ++i) {
    std::string text(1 + random() % 100, 'x');
    const std::size_t noise = random() % 6;
    for (std::size_t j = 0; j < noise; ++j) {
      text[random() % text.size()] = static_cast<char>(random());
    }
    ASSERT_NO_FATAL_FAILURE(check_variants(text));
  }
}

TEST(Utf8, ValidatesALargeText) {
  std::string text;
  while (text.size() < 300'000) text += "\xe6\x97\xa5\xe6\x9c\xac and \xf0\x9f\x98\x80";
  ASSERT_NO_FATAL_FAILURE(check_variants(text));
  text[200'000] = '\xff';
  ASSERT_NO_FATAL_FAILURE(check_variants(text));
}

TEST(Utf8, ThePortableVariantIsTheLast) {
  ASSERT_FALSE(utf8_variants().empty());
  EXPECT_EQ(utf8_variants().back().function, &validate_utf8_portable);
  EXPECT_TRUE(utf8_variants().back().supported());
}

}  // namespace
}  // namespace duplex::codec
