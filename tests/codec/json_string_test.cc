// What stands in a string of JSON as it is.
#include "codec/json_string.h"

#include <gtest/gtest.h>

namespace duplex::codec {
namespace {

TEST(PlainJsonSize, EndsAtEachSpecialByteWhereverItIs) {
  for (std::size_t size = 1; size < 40; ++size) {
    for (std::size_t place = 0; place < size; ++place) {
      for (int byte = 0; byte < 256; ++byte) {
        const auto c = static_cast<char>(byte);
        const bool is_special = byte < 0x20 || c == '"' || c == '\\';
        std::string text(size, 'x');
        text[place] = c;
        ASSERT_EQ(plain_json_size(text), is_special ? place : size) << byte << " of " << size;
      }
    }
  }
}

TEST(PlainJsonSize, EndsAtTheFirstOfTwo) {
  EXPECT_EQ(plain_json_size(std::string_view("ab!\"\x80\x1f")), 3U);  // neighbours of the special
  EXPECT_EQ(plain_json_size("\x20\x7f\x80\xff\x21\x23\x5b\x5d\n"), 8U);
  EXPECT_EQ(plain_json_size(""), 0U);
}

}  // namespace
}  // namespace duplex::codec
