// The gzip format.
#include "codec/gzip.h"

#include <array>
#include <string_view>

#include "codec/whole_stream.h"

namespace duplex::codec {
namespace {

// Section 2.3: ID1, ID2, CM (DEFLATE), no flags, no time, no XFL, an operating system that is
// unknown.
constexpr std::string_view head("\x1F\x8B\x08\0\0\0\0\0\0\xFF", 10);

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table = {};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ ((value & 1) != 0 ? 0xEDB88320U : 0U);
    table[byte] = value;
  }
  return table;
}
constexpr std::array<std::uint32_t, 256> table = make_table();

// Least significant byte first (section 2.1).
void append_number(std::string& out, std::uint32_t number) {
  for (const int shift : {0, 8, 16, 24}) out += static_cast<char>(number >> shift & 0xFF);
}

}  // namespace

std::uint32_t crc32(Bytes bytes) noexcept {
  std::uint32_t value = 0xFFFFFFFF;
  for (const std::byte byte : bytes) {
    value = value >> 8 ^ table[(value ^ std::to_integer<std::uint32_t>(byte)) & 0xFF];
  }
  return ~value;
}

std::string gzip_compress(Bytes bytes, Deflater& deflater) {
  std::string out(head);
  append_whole_stream(out, bytes, deflater);
  append_number(out, crc32(bytes));
  append_number(out, static_cast<std::uint32_t>(bytes.size()));
  return out;
}

}  // namespace duplex::codec
