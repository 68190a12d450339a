// Range requests: RFC 9110 section 14.
#include "duplex/http/range.h"

#include <algorithm>
#include <optional>

#include "duplex/http/message.h"
#include "http/character.h"

namespace duplex::http {
namespace {

constexpr std::string_view unit = "bytes=";

// Digits; a number too large for 64 bits is behind every end, so it stays at the largest.
std::optional<std::uint64_t> read_position(std::string_view text) noexcept {
  if (text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    value = value > (UINT64_MAX - digit) / 10 ? UINT64_MAX : value * 10 + digit;
  }
  return value;
}

// "-n": the last n bytes.
ByteRange suffix_range(std::uint64_t length, std::uint64_t size) noexcept {
  if (length == 0 || size == 0) return {.kind = ByteRange::Kind::unsatisfiable};
  return {.kind = ByteRange::Kind::part, .first = size - std::min(length, size), .last = size - 1};
}

ByteRange bounded_range(std::uint64_t first, std::uint64_t last, std::uint64_t size) noexcept {
  if (last < first) return {};  // malformed, section 14.1.1
  if (first >= size) return {.kind = ByteRange::Kind::unsatisfiable};
  return {.kind = ByteRange::Kind::part, .first = first, .last = std::min(last, size - 1)};
}

}  // namespace

ByteRange parse_range(std::string_view value, std::uint64_t representation_size) noexcept {
  if (!iequals(value.substr(0, unit.size()), unit)) return {};
  const std::string_view range = trim(value.substr(unit.size()));
  const std::size_t dash = range.find('-');
  if (dash == std::string_view::npos) return {};
  const auto first = read_position(range.substr(0, dash));
  const auto last = read_position(range.substr(dash + 1));
  if (dash == 0) return last ? suffix_range(*last, representation_size) : ByteRange();
  const bool open_ended = dash + 1 == range.size();
  if (!first || (!last && !open_ended)) return {};
  return bounded_range(*first, last.value_or(UINT64_MAX), representation_size);
}

std::string content_range(const ByteRange& part, std::uint64_t representation_size) {
  return "bytes " + std::to_string(part.first) + "-" + std::to_string(part.last) + "/" +
         std::to_string(representation_size);
}

std::string unsatisfied_content_range(std::uint64_t representation_size) {
  return "bytes */" + std::to_string(representation_size);
}

}  // namespace duplex::http
