// Classes of characters as HTTP's grammar has them: RFC 9110 section 5.6.2, RFC 3986 section 2.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace duplex::http {

enum class CharacterClass : std::uint8_t {
  token = 1,        // tchar, RFC 9110 section 5.6.2
  target = 2,       // passes a request-target as it is; '%', '?' and '#' have their own rules
  field_value = 4,  // VCHAR, SP, HTAB and obs-text, RFC 9110 section 5.5
  host = 8,         // reg-name, RFC 3986 section 3.2.2, but neither ',' nor '%'
  hex_digit = 16,
  unreserved = 32,  // RFC 3986 section 2.3
};

using CharacterTable = std::array<std::uint8_t, 256>;

constexpr CharacterTable make_character_table() {
  CharacterTable table{};
  const auto add = [&table](CharacterClass which, std::string_view characters) {
    for (const char c : characters) {
      auto& entry = table[static_cast<unsigned char>(c)];
      entry = static_cast<std::uint8_t>(entry | static_cast<std::uint8_t>(which));
    }
  };
  constexpr std::string_view alphanumeric =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  add(CharacterClass::token, alphanumeric);
  add(CharacterClass::token, "!#$%&'*+-.^_`|~");
  // RFC 3986 and, because browsers send them raw in a query, [ ] \ ^ ` { | }.
  add(CharacterClass::target, alphanumeric);
  add(CharacterClass::target, "-._~!$&'()*+,;=:@/[]\\^`{|}");
  add(CharacterClass::host, alphanumeric);
  add(CharacterClass::host, "-._~!$&'()*+;=");
  add(CharacterClass::hex_digit, "0123456789ABCDEFabcdef");
  add(CharacterClass::unreserved, alphanumeric);
  add(CharacterClass::unreserved, "-._~");
  for (std::size_t byte = 0; byte < table.size(); ++byte) {
    const bool allowed = byte == '\t' || (byte >= 0x20 && byte != 0x7F);
    if (allowed) table[byte] |= static_cast<std::uint8_t>(CharacterClass::field_value);
  }
  return table;
}

inline constexpr CharacterTable character_table = make_character_table();

constexpr bool is(char c, CharacterClass which) noexcept {
  return (character_table[static_cast<unsigned char>(c)] & static_cast<std::uint8_t>(which)) != 0;
}

// Moves over characters of one class, four at a time.
inline const char* skip(CharacterClass which, const char* at, const char* end) noexcept {
  const auto classes = [](char c) { return character_table[static_cast<unsigned char>(c)]; };
  const auto wanted = static_cast<std::uint8_t>(which);
  for (; end - at >= 4; at += 4) {
    if ((classes(at[0]) & classes(at[1]) & classes(at[2]) & classes(at[3]) & wanted) == 0) break;
  }
  while (at != end && is(*at, which)) ++at;
  return at;
}

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_space(char c) noexcept { return c == ' ' || c == '\t'; }

// The value of a hex digit.
constexpr unsigned hex_value(char c) noexcept {
  if (is_digit(c)) return static_cast<unsigned>(c - '0');
  return static_cast<unsigned>((c | 0x20) - 'a') + 10;
}

constexpr char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

constexpr bool is_token(std::string_view text) noexcept {
  for (const char c : text) {
    if (!is(c, CharacterClass::token)) return false;
  }
  return !text.empty();
}

// Without optional white space at either end, RFC 9110 section 5.6.3.
constexpr std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// Splits off the next element of a comma-separated list, trimmed; `list` becomes the rest. Commas
// inside quoted strings are not looked for: the lists read with it hold tokens only.
constexpr std::string_view next_element(std::string_view& list) noexcept {
  const std::size_t comma = list.find(',');
  const std::string_view element = trim(list.substr(0, comma));
  list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  return element;
}

}  // namespace duplex::http
