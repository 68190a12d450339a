// Reads JSON by recursive descent; the depth limit bounds the stack.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>

#include "codec/json_string.h"
#include "codec/repeated_name.h"
#include "duplex/codec/json.h"
#include "duplex/codec/utf8.h"

namespace duplex::codec {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Of a number that no double holds: whether it is too small, and not too large.
bool is_tiny(std::string_view number) {
  const std::size_t mantissa_end = std::min(number.find_first_of("eE"), number.size());
  const std::string_view mantissa = number.substr(0, mantissa_end);
  std::string_view exponent = number.substr(mantissa_end);
  exponent.remove_prefix(std::min<std::size_t>(exponent.size(), 1));
  if (exponent.starts_with('+')) exponent.remove_prefix(1);
  std::int64_t power = 0;
  const auto end = exponent.data() + exponent.size();
  if (std::from_chars(exponent.data(), end, power).ec == std::errc::result_out_of_range) {
    return exponent.front() == '-';
  }
  // No text is so long that its digits make up for more.
  constexpr std::int64_t most = INT64_MAX / 2;
  power = std::clamp(power, -most, most);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const std::size_t first = mantissa.find_first_of("123456789");
  return power + static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first) < 0;
}

class Reader {
 public:
  Reader(std::string_view text, const JsonLimits& limits) : text_(text), limits_(limits) {}

  // JSON-text = ws value ws (section 2).
  std::optional<JsonError> run(JsonValue& value) {
    value = JsonValue();
    const bool is_read = check_text() && read_value(value, 0);
    if (is_read && at_ < text_.size()) fail("expected the end of the text");
    if (error_) value = JsonValue();
    return std::move(error_);
  }

 private:
  // "JSON text ... MUST be encoded using UTF-8" (section 8.1).
  bool check_text() {
    if (text_.size() > limits_.max_size) {
      return fail_at(limits_.max_size, std::to_string(text_.size()) +
                                           " bytes of text, above the limit of " +
                                           std::to_string(limits_.max_size) + ", which ends");
    }
    if (is_valid_utf8(as_bytes(text_))) return true;
    Utf8Validator validator;
    std::size_t offset = 0;
    while (offset < text_.size() && validator.step(as_bytes(text_)[offset])) ++offset;
    return fail_at(offset, "not UTF-8");
  }

  bool fail_at(std::size_t offset, std::string what) {
    what += " at byte " + std::to_string(offset);
    error_ = {.offset = offset, .message = std::move(what)};
    return false;
  }
  bool fail(std::string what) {
    if (at_ >= text_.size()) what += ", but the text ends";
    return fail_at(at_, std::move(what));
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  bool take(char expected) {
    if (peek() != expected) return false;
    ++at_;
    return true;
  }

  bool read_value(JsonValue& value, std::size_t depth) {
    if (++count_ > limits_.max_values) {
      return fail_at(at_, "more than " + std::to_string(limits_.max_values) + " values");
    }
    skip_space();
    const bool read = read_any(value, depth);
    skip_space();
    return read;
  }

  bool read_any(JsonValue& value, std::size_t depth) {
    const char first = peek();
    if (first == '{' || first == '[') return read_container(value, depth);
    if (first == '"') return read_string(value.make_text());
    if (first == '-' || is_digit(first)) return read_number(value);
    return read_literal(value);
  }

  bool read_literal(JsonValue& value) {
    const auto is_next = [this](std::string_view name) {
      if (!text_.substr(at_).starts_with(name)) return false;
      at_ += name.size();
      return true;
    };
    if (is_next("null")) return true;
    const bool is_true = is_next("true");
    if (!is_true && !is_next("false")) return fail("expected a value");
    value = JsonValue(is_true);
    return true;
  }

  bool read_container(JsonValue& value, std::size_t depth) {
    if (depth == limits_.max_depth) {
      return fail_at(at_, "deeper than " + std::to_string(limits_.max_depth) + " levels");
    }
    const bool is_object = text_[at_++] == '{';
    skip_space();
    return is_object ? read_object(value, depth + 1) : read_array(value, depth + 1);
  }

  bool read_array(JsonValue& value, std::size_t depth) {
    JsonArray& items = value.make_array();
    if (take(']')) return true;
    items.reserve(2);  // what most have: an event's name and an argument
    do {
      if (!read_value(items.emplace_back(), depth)) return false;
    } while (take(','));
    return take(']') || fail("expected ',' or ']'");
  }

  bool read_object(JsonValue& value, std::size_t depth) {
    JsonObject& members = value.make_object();
    if (take('}')) return true;
    do {
      if (!read_member(members, depth)) return false;
    } while (take(','));
    return take('}') ? names_differ(members) : fail("expected ',' or '}'");
  }

  bool read_member(JsonObject& members, std::size_t depth) {
    skip_space();
    if (peek() != '"') return fail("expected a name in quotes");
    auto& [name, value] = members.emplace_back();
    if (!read_string(name)) return false;
    skip_space();
    if (!take(':')) return fail("expected ':'");
    return read_value(value, depth);
  }

  // "The names within an object SHOULD be unique" (section 4): here they must.
  bool names_differ(const JsonObject& members) {
    const std::string* const name = repeated_name(members);
    if (name == nullptr) return true;
    return fail_at(at_ - 1, "the name '" + *name + "' is there twice in the object that ends");
  }

  bool read_string(std::string& decoded) {
    const JsonStringEnd end = read_json_string(text_, at_, decoded);
    at_ = end.offset;
    return end.problem.empty() || fail(std::string(end.problem));
  }

  // number = [ minus ] int [ frac ] [ exp ] (section 6).
  bool read_number(JsonValue& value) {
    const std::size_t start = at_;
    take('-');
    if (!take('0') && !skip_digits()) return fail("expected a digit");
    bool is_integer = true;
    if (take('.')) {
      is_integer = false;
      if (!skip_digits()) return fail("expected a digit after the point");
    }
    if (take('e') || take('E')) {
      is_integer = false;
      if (!take('+')) take('-');
      if (!skip_digits()) return fail("expected a digit of the exponent");
    }
    return convert(text_.substr(start, at_ - start), is_integer, start, value);
  }

  bool skip_digits() {
    const std::size_t start = at_;
    while (is_digit(peek())) ++at_;
    return at_ > start;
  }

  bool convert(std::string_view digits, bool is_integer, std::size_t start, JsonValue& value) {
    const char* const end = digits.data() + digits.size();
    JsonNumber number;
    const auto result = std::from_chars(digits.data(), end, number.value);
    // Too small for a double is as good as 0; too large has no value.
    if (result.ec == std::errc::result_out_of_range && !is_tiny(digits)) {
      return fail_at(start, "a number beyond what a double holds");
    }
    std::int64_t exact = 0;
    if (is_integer && std::from_chars(digits.data(), end, exact).ec == std::errc()) {
      number.integer = exact;
    }
    value = JsonValue(number);
    return true;
  }

  std::string_view text_;
  const JsonLimits& limits_;
  std::size_t at_ = 0;
  std::size_t count_ = 0;
  std::optional<JsonError> error_ = {};
};

}  // namespace

std::optional<double> JsonValue::number() const noexcept {
  const auto* const number = std::get_if<JsonNumber>(&content_);
  if (number == nullptr) return std::nullopt;
  return number->value;
}

std::optional<std::int64_t> JsonValue::integer() const noexcept {
  const auto* const number = std::get_if<JsonNumber>(&content_);
  return number == nullptr ? std::nullopt : number->integer;
}

const JsonValue* JsonValue::find(std::string_view name) const noexcept {
  const JsonObject* const members = object();
  if (members == nullptr) return nullptr;
  const auto found = std::find_if(members->begin(), members->end(),
                                  [name](const JsonMember& each) { return each.first == name; });
  return found == members->end() ? nullptr : &found->second;
}

Result<JsonValue, JsonError> parse_json(std::string_view text, const JsonLimits& limits) {
  JsonValue value;
  if (auto error = parse_json(text, limits, value)) return Failure{*std::move(error)};
  return value;
}

std::optional<JsonError> parse_json(std::string_view text, const JsonLimits& limits,
                                    JsonValue& value) {
  return Reader(text, limits).run(value);
}

}  // namespace duplex::codec
