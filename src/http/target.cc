// Paths and queries of targets: RFC 3986 sections 2, 5.2.4 and 6.2.2.
#include "duplex/http/target.h"

#include <algorithm>

#include "http/character.h"

namespace duplex::http {
namespace {

constexpr std::string_view upper_digits = "0123456789ABCDEF";

void append_escape(std::string& out, char c) {
  const auto byte = static_cast<unsigned char>(c);
  out += '%';
  out += upper_digits[byte >> 4];
  out += upper_digits[byte & 15];
}

bool has_escape(std::string_view text, std::size_t at) noexcept {
  return at + 2 < text.size() && is(text[at + 1], CharacterClass::hex_digit) &&
         is(text[at + 2], CharacterClass::hex_digit);
}

char escaped(std::string_view text, std::size_t at) noexcept {
  return static_cast<char>(hex_value(text[at + 1]) << 4 | hex_value(text[at + 2]));
}

// RFC 3986 sections 6.2.2.1 and 6.2.2.2.
std::string normalize_escapes(std::string_view path) {
  std::string out;
  out.reserve(path.size());
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] != '%' || !has_escape(path, i)) {
      out += path[i];
      continue;
    }
    const char c = escaped(path, i);
    if (is(c, CharacterClass::unreserved)) {
      out += c;
    } else {
      append_escape(out, c);
    }
    i += 2;
  }
  return out;
}

// Splits off the segment behind the leading '/'; `path` becomes what follows.
std::string_view next_segment(std::string_view& path) noexcept {
  const std::size_t end = path.find('/', 1);
  const std::string_view segment = path.substr(0, end).substr(1);
  path = end == std::string_view::npos ? std::string_view() : path.substr(end);
  return segment;
}

// '+' as the URL standard has it in queries.
std::optional<std::string> form_decode(std::string_view text) {
  auto decoded = std::string(text);
  std::replace(decoded.begin(), decoded.end(), '+', ' ');
  return percent_decode(decoded);
}

// Still encoded.
struct RawParameter {
  std::string_view name;
  std::string_view value;
};

// The next one off the front of the query; nothing at its end.
std::optional<RawParameter> take_parameter(std::string_view& query) {
  while (query.starts_with('&')) query.remove_prefix(1);
  if (query.empty()) return std::nullopt;
  const std::string_view part = query.substr(0, query.find('&'));
  query.remove_prefix(part.size());
  const std::size_t equals = std::min(part.find('='), part.size());
  return RawParameter{part.substr(0, equals), part.substr(std::min(equals + 1, part.size()))};
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (!has_escape(text, i)) return std::nullopt;
    out += escaped(text, i);
    i += 2;
  }
  return out;
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is(c, CharacterClass::unreserved)) {
      out += c;
    } else {
      append_escape(out, c);
    }
  }
  return out;
}

// RFC 3986 section 5.2.4, with a stack of segments that lies in the output.
std::string normalize_path(std::string_view path) {
  if (!path.starts_with('/')) return std::string(path);
  const std::string normal = normalize_escapes(path);
  std::string out;
  std::string_view rest = normal;
  while (!rest.empty()) {
    const std::string_view segment = next_segment(rest);
    if (segment == "..") out.resize(std::min(out.size(), out.rfind('/')));
    const bool is_dot = segment == "." || segment == "..";
    if (!is_dot) out.append("/").append(segment);
    // A dot segment at the end leaves the slash of the directory it names.
    if (is_dot && rest.empty()) out += '/';
  }
  return out;
}

std::optional<std::string> query_parameter(std::string_view query, std::string_view name) {
  while (const auto parameter = take_parameter(query)) {
    if (form_decode(parameter->name) != name) continue;
    if (auto value = form_decode(parameter->value)) return value;
  }
  return std::nullopt;
}

std::vector<std::pair<std::string, std::string>> query_parameters(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> all;
  while (const auto parameter = take_parameter(query)) {
    auto name = form_decode(parameter->name);
    auto value = form_decode(parameter->value);
    if (name && value) all.emplace_back(*std::move(name), *std::move(value));
  }
  return all;
}

std::optional<std::string> relative_file_path(std::string_view rest) {
  if (rest.starts_with('/')) return std::nullopt;
  std::string out;
  for (;;) {
    const std::size_t end = rest.find('/');
    const auto segment = percent_decode(rest.substr(0, end));
    if (!segment || *segment == "." || *segment == "..") return std::nullopt;
    if (segment->find_first_of(std::string_view("/\\\0", 3)) != std::string::npos) {
      return std::nullopt;
    }
    out += *segment;
    if (end == std::string_view::npos) return out;
    out += '/';
    rest.remove_prefix(end + 1);
  }
}

}  // namespace duplex::http
