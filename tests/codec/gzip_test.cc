// The gzip format: checksum, head, and streams that are whole.
#include "codec/gzip.h"

#include <gtest/gtest.h>

#include <string>

#include "codec/zlib.h"

namespace duplex::codec {
namespace {

std::uint32_t number_at(std::string_view text, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = 4; i-- > 0;) number = number << 8 | static_cast<unsigned char>(text[at + i]);
  return number;
}

// The stream within, by the reader of another format.
std::string inflated(std::string_view gzip, std::string_view text) {
  std::string zlib = "\x78\x9C" + std::string(gzip.substr(10, gzip.size() - 18));
  const std::uint32_t sum = adler32(as_bytes(text));
  for (const int shift : {24, 16, 8, 0}) zlib += static_cast<char>(sum >> shift & 0xFF);
  const auto bytes = zlib_decompress(as_bytes(zlib), text.size() + 1);
  return bytes ? std::string(as_text(*bytes)) : "(refused)";
}

// The check value that all catalogues of such sums give.
TEST(Gzip, KnowsTheChecksum) {
  EXPECT_EQ(crc32(as_bytes(std::string_view("123456789"))), 0xCBF43926U);
  EXPECT_EQ(crc32({}), 0U);
}

TEST(Gzip, IsAStreamWithHeadAndTail) {
  std::string squares;
  for (int i = 0; i < 3000; ++i) squares += std::to_string(i * i) + ' ';
  Deflater deflater({.level = 1});
  for (const std::string& text :
       {std::string(), std::string("a"), std::string(70'000, 'x'), squares, squares}) {
    const std::string gzip = gzip_compress(as_bytes(text), deflater);
    EXPECT_EQ(gzip.substr(0, 4), std::string("\x1F\x8B\x08\0", 4));
    EXPECT_EQ(inflated(gzip, text), text);
    EXPECT_EQ(number_at(gzip, gzip.size() - 8), crc32(as_bytes(text)));
    EXPECT_EQ(number_at(gzip, gzip.size() - 4), text.size());
  }
  EXPECT_LT(gzip_compress(as_bytes(squares), deflater).size(), squares.size() / 2);
}

}  // namespace
}  // namespace duplex::codec
