// Strings of JSON.
#include "codec/json_string.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdint>
#include <optional>

#include "codec/unaligned.h"
#include "duplex/base/bytes.h"

namespace duplex::codec {
namespace {

bool is_special(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }

#if defined(__SSE2__)

// Sixteen bytes at once: a bit for each that is special.
constexpr std::size_t step = 16;
constexpr int bits_per_byte = 1;

std::uint64_t special_bits(const std::byte* from) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  const __m128i controls = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
  const __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  const __m128i backslashes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  const __m128i specials = _mm_or_si128(controls, _mm_or_si128(quotes, backslashes));
  return static_cast<std::uint64_t>(_mm_movemask_epi8(specials));
}

#else

// Eight bytes at once: the highest bit of the first one that is special, and perhaps of some after
// it. A byte below n borrows from its highest bit when n is taken from it; one that is equal to c
// is 0 once c is taken away by XOR, and so below 1.
constexpr std::size_t step = 8;
constexpr int bits_per_byte = 8;

std::uint64_t special_bits(const std::byte* from) {
  constexpr std::uint64_t each = 0x0101010101010101;
  const std::uint64_t bytes = load_64(from);
  const std::uint64_t controls = bytes - 0x20 * each;
  const std::uint64_t quotes = (bytes ^ '"' * each) - each;
  const std::uint64_t backslashes = (bytes ^ '\\' * each) - each;
  return (controls | quotes | backslashes) & ~bytes & 0x80 * each;
}

#endif

constexpr std::string_view escape_letters = "\"\\/bfnrt";
constexpr std::string_view escaped_characters = "\"\\/\b\f\n\r\t";

void append_utf8(std::uint32_t point, std::string& out) {
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xC0 | point >> 6);
  } else {
    if (point < 0x10000) {
      put(0xE0 | point >> 12);
    } else {
      put(0xF0 | point >> 18);
      put(0x80 | (point >> 12 & 0x3F));
    }
    put(0x80 | (point >> 6 & 0x3F));
  }
  put(0x80 | (point & 0x3F));
}

bool is_high_surrogate(std::uint32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool is_low_surrogate(std::uint32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

class StringReader {
 public:
  StringReader(std::string_view text, std::size_t start, std::string& decoded)
      : text_(text), at_(start + 1), decoded_(decoded) {}

  JsonStringEnd run() {
    while (true) {
      copy_plain();
      if (at_ == text_.size()) return stop("expected '\"'");
      const char c = text_[at_];
      if (c == '"') return {.offset = at_ + 1};
      if (c != '\\') return stop("a control character in a string");
      if (const std::string_view problem = read_escape(); !problem.empty()) return stop(problem);
    }
  }

 private:
  JsonStringEnd stop(std::string_view problem) const { return {.offset = at_, .problem = problem}; }

  // unescaped = %x20-21 / %x23-5B / %x5D-10FFFF
  void copy_plain() {
    const std::string_view plain = text_.substr(at_, plain_json_size(text_.substr(at_)));
    decoded_.append(plain);
    at_ += plain.size();
  }

  // At a backslash. What is wrong, or nothing.
  std::string_view read_escape() {
    const std::string_view rest = text_.substr(at_ + 1);
    if (rest.starts_with('u')) return read_code_units();
    const std::size_t index = rest.empty() ? rest.npos : escape_letters.find(rest.front());
    if (index == rest.npos) return "an escape that JSON does not have";
    decoded_ += escaped_characters[index];
    at_ += 2;
    return {};
  }

  // "\\u" and four digits; twelve characters, two code units, beyond the Basic Multilingual Plane.
  std::string_view read_code_units() {
    const auto first = code_unit_at(at_);
    if (!first) return "expected four hexadecimal digits";
    std::uint32_t point = *first;
    if (is_low_surrogate(point)) return "half of a surrogate pair";
    if (is_high_surrogate(point)) {
      const auto second = code_unit_at(at_ + 6);
      if (!second || !is_low_surrogate(*second)) return "half of a surrogate pair";
      point = 0x10000 + ((point - 0xD800) << 10) + (*second - 0xDC00);
      at_ += 6;
    }
    append_utf8(point, decoded_);
    at_ += 6;
    return {};
  }

  std::optional<std::uint32_t> code_unit_at(std::size_t offset) const {
    if (!text_.substr(std::min(offset, text_.size())).starts_with("\\u")) return std::nullopt;
    const std::string_view digits = text_.substr(offset + 2, 4);
    std::uint32_t unit = 0;
    const char* const end = digits.data() + digits.size();
    const auto result = std::from_chars(digits.data(), end, unit, 16);
    if (digits.size() < 4 || result.ptr != end) return std::nullopt;
    return unit;
  }

  std::string_view text_;
  std::size_t at_;
  std::string& decoded_;
};

}  // namespace

std::size_t plain_json_size(std::string_view text) noexcept {
  std::size_t size = 0;
  for (; size + step <= text.size(); size += step) {
    const std::uint64_t bits = special_bits(as_bytes(text).data() + size);
    if (bits != 0) return size + static_cast<std::size_t>(std::countr_zero(bits) / bits_per_byte);
  }
  while (size < text.size() && !is_special(text[size])) ++size;
  return size;
}

JsonStringEnd read_json_string(std::string_view text, std::size_t start, std::string& decoded) {
  return StringReader(text, start, decoded).run();
}

}  // namespace duplex::codec
