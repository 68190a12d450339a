// Encoding V2: a head, then the counters as ZigZag LEB128 numbers, where a negative one stands for
// a run of empty counters. Numbers of the heads are big-endian.
#include "measure/histogram_payload.h"

#include <bit>
#include <cstdint>
#include <limits>
#include <vector>

#include "codec/zlib.h"
#include "duplex/base/bytes.h"
#include "duplex/codec/base64.h"

namespace duplex::measure {
namespace {

constexpr std::uint32_t plain_cookie = 0x1c849303 | 0x10;
constexpr std::uint32_t compressed_cookie = 0x1c849304 | 0x10;
constexpr std::size_t plain_head_size = 40;
constexpr std::size_t compressed_head_size = 8;
// Beyond 6,000,000 counters of nine bytes no histogram goes.
constexpr std::size_t max_plain_size = std::size_t{64} << 20;

using Buffer = std::vector<std::byte>;

void put_big_endian(Buffer& out, std::uint64_t value, int size) {
  for (int i = size - 1; i >= 0; --i) out.push_back(static_cast<std::byte>(value >> 8 * i & 0xFF));
}

// Seven bits in each byte, the lowest first; the ninth holds eight.
void put_number(Buffer& out, std::int64_t number) {
  const auto bits = static_cast<std::uint64_t>(number);
  std::uint64_t rest = (bits << 1) ^ (number < 0 ? ~std::uint64_t{0} : 0);
  for (int i = 0; i < 8 && rest > 0x7F; ++i) {
    out.push_back(static_cast<std::byte>((rest & 0x7F) | 0x80));
    rest >>= 7;
  }
  out.push_back(static_cast<std::byte>(rest));
}

Buffer counts_of(const Histogram& histogram) {
  Buffer out;
  std::int64_t zeros = 0;
  for (std::size_t i = 0; i < histogram.counts_size(); ++i) {
    const std::int64_t count = histogram.count_at_index(i);
    if (count == 0) {
      ++zeros;
      continue;
    }
    if (zeros > 0) put_number(out, -zeros);
    put_number(out, count);
    zeros = 0;
  }
  return out;
}

Buffer plain_payload(const Histogram& histogram) {
  const Buffer counts = counts_of(histogram);
  const HistogramLimits& limits = histogram.limits();
  Buffer out;
  put_big_endian(out, plain_cookie, 4);
  put_big_endian(out, counts.size(), 4);
  put_big_endian(out, 0, 4);  // no shift
  put_big_endian(out, static_cast<std::uint64_t>(limits.digits), 4);
  put_big_endian(out, static_cast<std::uint64_t>(limits.lowest), 8);
  put_big_endian(out, static_cast<std::uint64_t>(limits.highest), 8);
  put_big_endian(out, std::bit_cast<std::uint64_t>(1.0), 8);  // no scale
  out.insert(out.end(), counts.begin(), counts.end());
  return out;
}

// Reads from the front of what it is given; false when that ends too early.
class PayloadReader {
 public:
  explicit PayloadReader(Bytes bytes) : rest_(bytes) {}

  bool at_end() const { return rest_.empty(); }
  std::size_t size() const { return rest_.size(); }

  std::uint64_t big_endian(std::size_t size) {
    std::uint64_t value = 0;
    for (const std::byte byte : rest_.first(size)) {
      value = value << 8 | std::to_integer<std::uint64_t>(byte);
    }
    rest_ = rest_.subspan(size);
    return value;
  }

  bool number(std::int64_t& value) {
    std::uint64_t bits = 0;
    for (unsigned i = 0; i < 9; ++i) {
      if (rest_.empty()) return false;
      const auto byte = std::to_integer<std::uint64_t>(rest_.front());
      rest_ = rest_.subspan(1);
      const bool last = i == 8 || (byte & 0x80) == 0;
      bits |= (i == 8 ? byte : byte & 0x7F) << 7 * i;
      if (last) break;
    }
    value = static_cast<std::int64_t>((bits >> 1) ^ (~(bits & 1) + 1));
    return true;
  }

 private:
  Bytes rest_;
};

bool read_counts(PayloadReader& reader, Histogram& histogram) {
  std::size_t index = 0;
  while (!reader.at_end()) {
    std::int64_t number = 0;
    if (!reader.number(number)) return false;
    const std::uint64_t left = histogram.counts_size() - index;
    if (number <= 0) {
      const std::uint64_t zeros = number == 0 ? 1 : ~static_cast<std::uint64_t>(number) + 1;
      if (zeros > left) return false;
      index += zeros;
      continue;
    }
    const bool fits = number <= std::numeric_limits<std::int64_t>::max() - histogram.total();
    if (left == 0 || !fits) return false;
    histogram.record(histogram.value_at_index(index++), number);
  }
  return true;
}

std::optional<Histogram> read_payload(Bytes payload) {
  if (payload.size() < plain_head_size) return std::nullopt;
  PayloadReader reader(payload);
  const std::uint64_t cookie = reader.big_endian(4);
  const std::uint64_t counts_size = reader.big_endian(4);
  const std::uint64_t shift = reader.big_endian(4);
  HistogramLimits limits;
  // Digits that are no int are none that are possible.
  const std::uint64_t digits = reader.big_endian(4);
  limits.digits = digits > 5 ? 0 : static_cast<int>(digits);
  limits.lowest = static_cast<std::int64_t>(reader.big_endian(8));
  limits.highest = static_cast<std::int64_t>(reader.big_endian(8));
  const std::uint64_t scale = reader.big_endian(8);
  if (cookie != plain_cookie || counts_size != reader.size() || shift != 0 ||
      scale != std::bit_cast<std::uint64_t>(1.0) || !Histogram::is_possible(limits)) {
    return std::nullopt;
  }
  Histogram histogram(limits);
  if (!read_counts(reader, histogram)) return std::nullopt;
  return histogram;
}

}  // namespace

std::string encode_histogram(const Histogram& histogram) {
  const Buffer compressed = codec::zlib_compress(plain_payload(histogram));
  Buffer out;
  put_big_endian(out, compressed_cookie, 4);
  put_big_endian(out, compressed.size(), 4);
  out.insert(out.end(), compressed.begin(), compressed.end());
  return codec::base64_encode(out);
}

std::optional<Histogram> decode_histogram(std::string_view base64) {
  const auto bytes = codec::base64_decode(base64);
  if (!bytes || bytes->size() < compressed_head_size) return std::nullopt;
  PayloadReader reader(*bytes);
  const std::uint64_t cookie = reader.big_endian(4);
  const std::uint64_t size = reader.big_endian(4);
  if (cookie != compressed_cookie || size != reader.size()) return std::nullopt;
  const auto payload =
      codec::zlib_decompress(Bytes(*bytes).subspan(compressed_head_size), max_plain_size);
  return payload ? read_payload(*payload) : std::nullopt;
}

}  // namespace duplex::measure
