// Writes JSON as JavaScript does.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "codec/json_string.h"
#include "duplex/codec/json.h"

namespace duplex::codec {
namespace {

// --- Numbers -------------------------------------------------------------------------------------

struct Decimal {
  std::string digits =
      {};         // the shortest that read back as the same number, without zeros at the end
  int point = 0;  // digits before the decimal point; may lie outside of them
};

Decimal decimal_of(double number) {
  std::array<char, 40> buffer;
  char* const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                                  std::chars_format::scientific)
                        .ptr;
  const std::string_view text(buffer.data(), end);
  const std::size_t exponent = text.find('e');
  Decimal decimal = {.digits = std::string(text.substr(0, exponent))};
  if (exponent > 1) decimal.digits.erase(1, 1);
  const std::size_t sign = text[exponent + 1] == '+' ? 2 : 1;
  std::from_chars(text.data() + exponent + sign, end, decimal.point);
  ++decimal.point;
  return decimal;
}

void append_exponent(std::string& text, const Decimal& decimal) {
  text += decimal.digits.front();
  if (decimal.digits.size() > 1) text.append(".").append(decimal.digits, 1);
  text += decimal.point > 0 ? "e+" : "e";
  text += std::to_string(decimal.point - 1);
}

// ECMA-262 section 6.1.6.1.20, Number::toString, step by step: n is `point`, k the digits' count.
void append_decimal(std::string& text, const Decimal& decimal) {
  const auto count = static_cast<int>(decimal.digits.size());
  if (decimal.point < -5 || decimal.point > 21) return append_exponent(text, decimal);
  if (decimal.point <= 0) {
    text.append("0.").append(static_cast<std::size_t>(-decimal.point), '0').append(decimal.digits);
  } else if (decimal.point >= count) {
    text.append(decimal.digits).append(static_cast<std::size_t>(decimal.point - count), '0');
  } else {
    const auto whole = static_cast<std::size_t>(decimal.point);
    text.append(decimal.digits, 0, whole).append(".").append(decimal.digits, whole);
  }
}

void append_number(std::string& text, const JsonValue& value) {
  if (const auto integer = value.integer()) {
    text += std::to_string(*integer);
    return;
  }
  const double number = *value.number();
  if (!std::isfinite(number)) {
    text += "null";
  } else if (number == 0) {
    text += '0';
  } else {
    if (number < 0) text += '-';
    append_decimal(text, decimal_of(std::abs(number)));
  }
}

// --- Strings -------------------------------------------------------------------------------------

void append_escape(std::string& text, char c) {
  constexpr std::string_view letters = "\b\t\n\f\r\"\\";
  constexpr std::string_view names = "btnfr\"\\";
  constexpr std::string_view hex = "0123456789abcdef";
  text += '\\';
  const std::size_t place = letters.find(c);
  if (place != std::string_view::npos) {
    text += names[place];
    return;
  }
  text.append("u00");
  text += hex[static_cast<unsigned char>(c) >> 4];
  text += hex[static_cast<unsigned char>(c) & 15];
}

// --- Values --------------------------------------------------------------------------------------

template <class Items, class Append>
void append_items(std::string& text, const Items& items, const Append& append) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) text += ',';
    append(items[i]);
  }
}

void append_container(std::string& text, const JsonValue& value, const WriteBytes& write_bytes) {
  if (const JsonArray* const items = value.array()) {
    text += '[';
    append_items(text, *items,
                 [&](const JsonValue& item) { append_json(text, item, write_bytes); });
    text += ']';
    return;
  }
  text += '{';
  append_items(text, *value.object(), [&](const JsonMember& member) {
    append_json_string(text, member.first);
    text += ':';
    append_json(text, member.second, write_bytes);
  });
  text += '}';
}

}  // namespace

void append_json_string(std::string& text, std::string_view content) {
  text += '"';
  while (!content.empty()) {
    const std::size_t size = plain_json_size(content);
    text.append(content.substr(0, size));
    if (size == content.size()) break;
    append_escape(text, content[size]);
    content.remove_prefix(size + 1);
  }
  text += '"';
}

void append_json(std::string& text, const JsonValue& value, const WriteBytes& write_bytes) {
  if (value.array() != nullptr || value.object() != nullptr) {
    append_container(text, value, write_bytes);
  } else if (const std::string* const content = value.text()) {
    append_json_string(text, *content);
  } else if (value.number()) {
    append_number(text, value);
  } else if (const bool* const flag = value.flag()) {
    text += *flag ? "true" : "false";
  } else if (const JsonBytes* const bytes = value.bytes(); bytes != nullptr && write_bytes) {
    write_bytes(text, *bytes);
  } else {
    text += "null";
  }
}

std::string write_json(const JsonValue& value, const WriteBytes& write_bytes) {
  std::string text;
  append_json(text, value, write_bytes);
  return text;
}

}  // namespace duplex::codec
