// The zlib format.
#include "codec/zlib.h"

#include <algorithm>
#include <array>

#include "codec/whole_stream.h"
#include "duplex/codec/inflate.h"

namespace duplex::codec {
namespace {

constexpr std::size_t head_size = 2;
constexpr std::size_t checksum_size = 4;

// CMF and FLG (section 2.2): DEFLATE with a window of 32 KiB, no dictionary, the default level.
constexpr std::array head = {std::byte{0x78}, std::byte{0x9C}};

unsigned value_of(std::byte byte) { return std::to_integer<unsigned>(byte); }

// Most significant byte first (section 2.2).
std::uint32_t read_checksum(Bytes bytes) {
  std::uint32_t checksum = 0;
  for (const std::byte byte : bytes) checksum = checksum << 8 | value_of(byte);
  return checksum;
}

// CM is 8, CINFO at most 7, FDICT not set, and FCHECK makes it a multiple of 31.
bool is_head(unsigned method, unsigned flags) {
  return (method & 0x0F) == 8 && method >> 4 <= 7 && (flags & 0x20) == 0 &&
         (method * 256 + flags) % 31 == 0;
}

std::optional<std::vector<std::byte>> inflate_all(Bytes deflated, std::size_t max_size) {
  Inflater inflater({.context_takeover = false, .max_message_size = max_size});
  std::vector<std::byte> memory(std::min(max_size, 4 * deflated.size() + 64));
  std::size_t filled = 0;
  while (true) {
    const InflateProgress progress = inflater.inflate_behind(deflated, memory, filled);
    filled += progress.produced;
    deflated = deflated.subspan(progress.consumed);
    if (progress.status == InflateStatus::failed) return std::nullopt;
    if (progress.status == InflateStatus::need_input) break;
    memory.resize(std::min(2 * memory.size() + 1, max_size));
  }
  memory.resize(filled);
  if (inflater.end_message(memory) != InflateError::none) return std::nullopt;
  return memory;
}

}  // namespace

std::uint32_t adler32(Bytes bytes) noexcept {
  constexpr std::uint32_t base = 65521;
  constexpr std::size_t run = 5552;  // as many bytes fit before the sums have to be reduced
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  while (!bytes.empty()) {
    const Bytes part = bytes.first(std::min(run, bytes.size()));
    for (const std::byte byte : part) b += a += value_of(byte);
    a %= base;
    b %= base;
    bytes = bytes.subspan(part.size());
  }
  return b << 16 | a;
}

std::vector<std::byte> zlib_compress(Bytes bytes) {
  std::vector<std::byte> stream(head.begin(), head.end());
  Deflater deflater;
  append_whole_stream(stream, bytes, deflater);
  const std::uint32_t checksum = adler32(bytes);
  for (const int shift : {24, 16, 8, 0}) {
    stream.push_back(static_cast<std::byte>(checksum >> shift & 0xFF));
  }
  return stream;
}

std::optional<std::vector<std::byte>> zlib_decompress(Bytes stream, std::size_t max_size) {
  if (stream.size() < head_size + checksum_size) return std::nullopt;
  if (!is_head(value_of(stream[0]), value_of(stream[1]))) return std::nullopt;
  const std::size_t deflated_size = stream.size() - head_size - checksum_size;
  auto inflated = inflate_all(stream.subspan(head_size, deflated_size), max_size);
  if (!inflated || adler32(*inflated) != read_checksum(stream.last(checksum_size))) {
    return std::nullopt;
  }
  return inflated;
}

}  // namespace duplex::codec
