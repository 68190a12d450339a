// Tests of Base64: the vectors of RFC 4648 section 10, and what a strict decoder refuses.
#include "duplex/codec/base64.h"

#include <gtest/gtest.h>

#include <new>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "../support/allocations.h"

namespace duplex::codec {
namespace {

std::string decoded(std::string_view text) {
  const auto bytes = base64_decode(text);
  return bytes ? std::string(as_text(*bytes)) : "(refused)";
}

TEST(Base64, KnowsThePublishedVectors) {
  const std::pair<std::string_view, std::string_view> vectors[] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
  };
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(base64_encode(as_bytes(bytes)), text);
    EXPECT_EQ(decoded(text), bytes);
    EXPECT_TRUE(is_base64_of_size(text, bytes.size())) << text;
  }
}

TEST(Base64, UsesTheWholeStandardAlphabet) {
  EXPECT_EQ(decoded("+/+/"), "\xfb\xff\xbf");
  EXPECT_EQ(base64_encode(as_bytes("\xfb\xff\xbf")), "+/+/");
}

TEST(Base64, RefusesWhatIsNotBase64) {
  for (std::string_view text :
       {"Z", "Zg", "Zg=", "Zg===", "=", "==", "===", "====", "Z===", "Zm=v",
        "Zg==Zg==", "Zm9v=", "Zm8=\n", "Zm 8=", "Zm9-", "Zm9_", "Zm9.", "Zm9\x80", "=m9v"}) {
    EXPECT_EQ(decoded(text), "(refused)") << text;
    for (std::size_t size = 0; size < 5; ++size) {
      EXPECT_FALSE(is_base64_of_size(text, size)) << text;
    }
  }
  EXPECT_EQ(decoded({"Zm9\0", 4}), "(refused)");
}

TEST(Base64, AcceptsAnyPadBits) {
  EXPECT_EQ(decoded("Zh=="), "f");
  EXPECT_EQ(decoded("Zm9="), "fo");
  EXPECT_TRUE(is_base64_of_size("AQIDBAUGBwgJCgsMDQ4PEF==", 16));
}

TEST(Base64, MeasuresWithoutAllocating) {
  const std::size_t before = support::allocation_count();
  EXPECT_TRUE(is_base64_of_size("dGhlIHNhbXBsZSBub25jZQ==", 16));
  EXPECT_FALSE(is_base64_of_size("dGhlIHNhbXBsZSBub25jZQ==", 15));
  EXPECT_FALSE(is_base64_of_size("dGhlIHNhbXBsZSBub25jZQ==", 17));
  EXPECT_FALSE(is_base64_of_size("dGhlIHNhbXBsZSBub25jZQ", 16));
  EXPECT_EQ(support::allocation_count(), before);
}

TEST(Base64, LosesNothingWhenMemoryRunsOut) {
  const std::string text(100, 'A');
  const std::size_t before = support::live_allocation_count();
  {
    support::FailingAllocation failing(0);
    EXPECT_THROW(base64_encode(as_bytes(text)), std::bad_alloc);
  }
  {
    support::FailingAllocation failing(0);
    EXPECT_THROW(base64_decode(text), std::bad_alloc);
  }
  EXPECT_EQ(support::live_allocation_count(), before);
}

TEST(Base64, DecodesWhatItEncodes) {
  std::mt19937 random(1);
  for (std::size_t size = 0; size < 200; ++size) {
    std::vector<std::byte> bytes(size);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
    const std::string text = base64_encode(bytes);
    EXPECT_EQ(text.size(), (size + 2) / 3 * 4);
    EXPECT_EQ(base64_decode(text), bytes);
  }
}

}  // namespace
}  // namespace duplex::codec
