// The messages of `duplex load`.
#include "load_message.h"

#include <charconv>

namespace duplex::tools {
namespace {

constexpr std::size_t digits = 16;

void write_number(std::uint64_t number, char* to) noexcept {
  for (std::size_t i = digits; i-- != 0; number >>= 4) to[i] = "0123456789abcdef"[number & 15];
}

std::optional<std::uint64_t> read_number(std::string_view text) noexcept {
  std::uint64_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  const bool whole = result.ec == std::errc() && result.ptr == text.data() + text.size();
  return whole ? std::optional(number) : std::nullopt;
}

char filler(std::uint64_t sequence, std::size_t place) noexcept {
  return static_cast<char>('a' + (sequence + place) % 26);
}

}  // namespace

void encode_load_message(const LoadMessage& message, std::size_t size, std::string& text) {
  text.resize(size);
  write_number(message.sequence, text.data());
  write_number(static_cast<std::uint64_t>(message.due.count()), text.data() + digits);
  for (std::size_t i = smallest_load_message; i < size; ++i) text[i] = filler(message.sequence, i);
}

std::optional<LoadMessage> decode_load_message(std::string_view text) noexcept {
  if (text.size() < smallest_load_message) return std::nullopt;
  const auto sequence = read_number(text.substr(0, digits));
  const auto due = read_number(text.substr(digits, digits));
  if (!sequence || !due) return std::nullopt;
  for (std::size_t i = smallest_load_message; i < text.size(); ++i) {
    if (text[i] != filler(*sequence, i)) return std::nullopt;
  }
  return LoadMessage{*sequence, std::chrono::nanoseconds(static_cast<std::int64_t>(*due))};
}

}  // namespace duplex::tools
