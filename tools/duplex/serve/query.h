// Numbers in the query of a request-target: "after=12&x=1". Pure.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace duplex::tools {

// All of `text` as a decimal number, or nothing.
inline std::optional<std::uint64_t> parse_number(std::string_view text) noexcept {
  std::uint64_t number = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc() || end != last) return std::nullopt;
  return number;
}

// The value of the first parameter of that name.
inline std::optional<std::string_view> query_text(std::string_view query,
                                                  std::string_view name) noexcept {
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(part.size() < query.size() ? part.size() + 1 : part.size());
    if (part.size() > name.size() && part.starts_with(name) && part[name.size()] == '=') {
      return part.substr(name.size() + 1);
    }
  }
  return std::nullopt;
}

// The same, if it is a number.
inline std::optional<std::uint64_t> query_number(std::string_view query,
                                                 std::string_view name) noexcept {
  const auto text = query_text(query, name);
  return text ? parse_number(*text) : std::nullopt;
}

}  // namespace duplex::tools
