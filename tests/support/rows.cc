#include "rows.h"

#include <cctype>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace duplex::support {
namespace {

const Json null_value;

// A reader for the well-formed files in tests/data; it throws on anything it does not expect.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Json value() {
    skip_space();
    switch (peek()) {
      case '{':
        return object();
      case '[':
        return array();
      case '"':
        return string_value();
      case 't':
        return literal("true", true, Json::Kind::boolean);
      case 'f':
        return literal("false", false, Json::Kind::boolean);
      case 'n':
        return literal("null", false, Json::Kind::null);
      default:
        return number();
    }
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_space() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  }
  void expect(char c) {
    skip_space();
    if (peek() != c) throw std::runtime_error("rows: expected " + std::string(1, c));
    ++at_;
  }
  bool accept(char c) {
    skip_space();
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  Json literal(std::string_view word, bool boolean, Json::Kind kind) {
    if (text_.substr(at_, word.size()) != word) throw std::runtime_error("rows: bad literal");
    at_ += word.size();
    Json json;
    json.kind = kind;
    json.boolean = boolean;
    return json;
  }

  Json number() {
    std::size_t end = at_;
    while (end < text_.size() &&
           std::string_view("+-.eE0123456789").find(text_[end]) != std::string_view::npos) {
      ++end;
    }
    Json json;
    json.kind = Json::Kind::number;
    json.number = std::strtod(std::string(text_.substr(at_, end - at_)).c_str(), nullptr);
    at_ = end;
    return json;
  }

  Json string_value() {
    Json json;
    json.kind = Json::Kind::string;
    json.string = text();
    return json;
  }

  std::string text() {
    expect('"');
    std::string out;
    while (peek() != '"') out += character();
    ++at_;
    return out;
  }

  std::string character() {
    if (at_ >= text_.size()) throw std::runtime_error("rows: unterminated string");
    const char c = text_[at_++];
    if (c != '\\') return std::string(1, c);
    const char escape = text_[at_++];
    switch (escape) {
      case 'n':
        return "\n";
      case 'r':
        return "\r";
      case 't':
        return "\t";
      case 'b':
        return "\b";
      case 'f':
        return "\f";
      case 'u':
        return code_point();
      default:
        return std::string(1, escape);
    }
  }

  std::string code_point() {
    const auto n =
        static_cast<unsigned>(std::strtoul(std::string(text_.substr(at_, 4)).c_str(), nullptr, 16));
    at_ += 4;
    const auto byte = [](unsigned bits) { return static_cast<char>(bits); };
    if (n < 0x80) return {byte(n)};
    if (n < 0x800) return {byte(0xC0 | n >> 6), byte(0x80 | (n & 0x3F))};
    return {byte(0xE0 | n >> 12), byte(0x80 | (n >> 6 & 0x3F)), byte(0x80 | (n & 0x3F))};
  }

  Json array() {
    Json json;
    json.kind = Json::Kind::array;
    expect('[');
    if (accept(']')) return json;
    do json.array.push_back(value());
    while (accept(','));
    expect(']');
    return json;
  }

  Json object() {
    Json json;
    json.kind = Json::Kind::object;
    expect('{');
    if (accept('}')) return json;
    do {
      skip_space();
      std::string key = text();
      expect(':');
      json.object.push_back({std::move(key), value()});
    } while (accept(','));
    expect('}');
    return json;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    const std::string pair(hex.substr(i, 2));
    bytes += static_cast<char>(std::strtoul(pair.c_str(), nullptr, 16));
  }
  return bytes;
}

}  // namespace

const Json& Json::operator[](std::string_view key) const {
  for (const auto& [name, value] : object) {
    if (name == key) return value;
  }
  return null_value;
}

Json load_rows(const std::string& file) {
  std::ifstream in("tests/data/" + file);
  if (!in) throw std::runtime_error("cannot read tests/data/" + file + " from this folder");
  std::stringstream text;
  text << in.rdbuf();
  return Reader(text.str()).value();
}

std::string bytes_of(const Json& segments) {
  std::string bytes;
  for (const Json& segment : segments.array) {
    const std::string once = from_hex(segment["hex"].string);
    const auto& times = segment["times"];
    const int count = times.kind == Json::Kind::number ? static_cast<int>(times.number) : 1;
    for (int i = 0; i < count; ++i) bytes += once;
  }
  return bytes;
}

}  // namespace duplex::support
