// The zlib format: checksum, round trips, and what is refused.
#include "codec/zlib.h"

#include <gtest/gtest.h>

#include <string>

#include "duplex/codec/base64.h"

namespace duplex::codec {
namespace {

std::string inflated(Bytes stream, std::size_t max_size = 1 << 20) {
  const auto bytes = zlib_decompress(stream, max_size);
  return bytes ? std::string(as_text(*bytes)) : "(refused)";
}

TEST(Zlib, KnowsTheChecksum) {
  EXPECT_EQ(adler32({}), 1U);
  EXPECT_EQ(adler32(as_bytes(std::string_view("Wikipedia"))), 0x11E60398U);
  // Long enough for the sums to be reduced in between.
  std::string text(100'000, '\xff');
  std::uint64_t a = 1;
  std::uint64_t b = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    a = (a + 255) % 65521;
    b = (b + a) % 65521;
  }
  EXPECT_EQ(adler32(as_bytes(text)), b << 16 | a);
}

TEST(Zlib, ReadsWhatItWrote) {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += std::to_string(i * i) + ' ';
  for (const std::string& each :
       {std::string(), std::string("a"), std::string(70'000, 'x'), text}) {
    const auto stream = zlib_compress(as_bytes(each));
    EXPECT_EQ(inflated(stream), each);
    EXPECT_EQ((std::to_integer<int>(stream[0]) * 256 + std::to_integer<int>(stream[1])) % 31, 0);
  }
  EXPECT_LT(zlib_compress(as_bytes(text)).size(), text.size() / 2);
}

// "hello hello hello" as zlib compresses it.
TEST(Zlib, ReadsWhatZlibWrote) {
  const auto stream = base64_decode("eJzLSM3JyVfIQJAAOi4GfQ==");
  EXPECT_EQ(inflated(*stream), "hello hello hello");
}

TEST(Zlib, RefusesDamage) {
  const std::string text = "hello hello hello";
  auto stream = zlib_compress(as_bytes(text));
  EXPECT_EQ(inflated(stream, text.size()), text);
  EXPECT_EQ(inflated(stream, text.size() - 1), "(refused)");
  for (std::size_t size = 0; size < stream.size(); ++size) {
    EXPECT_EQ(inflated(Bytes(stream).first(size)), "(refused)") << size;
  }
  for (const std::size_t at : {0U, 1U, 5U}) {
    auto damaged = stream;
    damaged[at] ^= std::byte{1};
    EXPECT_EQ(inflated(damaged), "(refused)") << at;
  }
  stream.back() ^= std::byte{1};
  EXPECT_EQ(inflated(stream), "(refused)");
}

TEST(Zlib, RefusesAPresetDictionary) {
  auto stream = zlib_compress({});
  stream[1] = std::byte{0xBB};  // FDICT, and the check that goes with it
  EXPECT_EQ(inflated(stream), "(refused)");
}

}  // namespace
}  // namespace duplex::codec
