// JSON, RFC 8259: values, read and written. Reading is strict: no comments, no trailing commas,
// nothing before or after the one value but white space. Beyond the grammar, what the RFC leaves to
// the reader is refused where it would make two readers differ: names that repeat within an object
// (section 4), and escaped halves of a surrogate pair (section 8.2). Numbers must fit a double
// (section 6).
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "duplex/base/bytes.h"
#include "duplex/base/result.h"

namespace duplex::codec {

// Limits of one document. Beyond any of them parse_json() fails.
struct JsonLimits {
  std::size_t max_size = std::size_t{16} << 20;  // bytes of text
  std::size_t max_depth = 64;                    // arrays and objects within one another
  // In all, containers too: each takes sizeof(JsonValue), 40 bytes on 64-bit systems, in an object
  // 72 with its name; up to twice that, as arrays and objects grow.
  std::size_t max_values = std::size_t{1'000'000};
};

class JsonValue;
using JsonArray = std::vector<JsonValue>;
using JsonMember = std::pair<std::string, JsonValue>;
using JsonObject = std::vector<JsonMember>;  // in the order of the text; names do not repeat
using JsonBytes = std::vector<std::byte>;    // no JSON: what protocols around it carry beside it

// A number keeps its text's value as a double, and exactly if it was written as an integer of 64
// bits: without fraction and exponent.
struct JsonNumber {
  double value = 0;
  std::optional<std::int64_t> integer = {};
  friend bool operator==(const JsonNumber& a, const JsonNumber& b) noexcept {
    return a.integer && b.integer ? a.integer == b.integer : a.value == b.value;
  }
};

// One value, which owns everything below it. The accessors of another kind than its own give
// nothing; what they point to lives as long as the value.
class JsonValue {
 public:
  JsonValue() = default;  // null
  JsonValue(std::nullptr_t) {}
  JsonValue(std::same_as<bool> auto flag) : content_(flag) {}
  JsonValue(JsonNumber number) : content_(number) {}
  JsonValue(std::floating_point auto number) : content_(JsonNumber{.value = number}) {}
  // Beyond 64 bits with a sign only the nearest double is kept.
  template <std::integral T>
  requires(!std::same_as<T, bool>) JsonValue(T number)
      : content_(JsonNumber{.value = static_cast<double>(number)}) {
    if (std::in_range<std::int64_t>(number)) {
      std::get<JsonNumber>(content_).integer = static_cast<std::int64_t>(number);
    }
  }
  JsonValue(std::string text) : content_(std::move(text)) {}
  JsonValue(std::string_view text) : content_(std::string(text)) {}
  JsonValue(const char* text) : content_(std::string(text)) {}
  JsonValue(JsonBytes bytes) : content_(std::move(bytes)) {}
  JsonValue(JsonArray items) : content_(std::move(items)) {}
  JsonValue(JsonObject members) : content_(std::move(members)) {}

  bool is_null() const noexcept { return std::holds_alternative<std::monostate>(content_); }
  const bool* flag() const noexcept { return std::get_if<bool>(&content_); }
  const std::string* text() const noexcept { return std::get_if<std::string>(&content_); }
  const JsonBytes* bytes() const noexcept { return std::get_if<JsonBytes>(&content_); }
  const JsonArray* array() const noexcept { return std::get_if<JsonArray>(&content_); }
  const JsonObject* object() const noexcept { return std::get_if<JsonObject>(&content_); }
  JsonArray* array() noexcept { return std::get_if<JsonArray>(&content_); }
  JsonObject* object() noexcept { return std::get_if<JsonObject>(&content_); }
  // Makes it an empty text, array or object instead, to be filled where it is.
  std::string& make_text() noexcept { return content_.emplace<std::string>(); }
  JsonArray& make_array() noexcept { return content_.emplace<JsonArray>(); }
  JsonObject& make_object() noexcept { return content_.emplace<JsonObject>(); }
  std::optional<double> number() const noexcept;
  std::optional<std::int64_t> integer() const noexcept;  // only if it was written as one

  // The member of that name, of an object that has it. Linear in the number of members.
  const JsonValue* find(std::string_view name) const noexcept;

  friend bool operator==(const JsonValue&, const JsonValue&) = default;

 private:
  std::variant<std::monostate, bool, JsonNumber, std::string, JsonBytes, JsonArray, JsonObject>
      content_;
};

struct JsonError {
  std::size_t offset = 0;  // bytes before the place
  std::string message;     // "expected ',' or ']' at byte 17"
};

// Memory: what max_values says, and the strings.
Result<JsonValue, JsonError> parse_json(std::string_view text, const JsonLimits& limits = {});
// The same into `value`, which is null after an error. Nothing: there is none.
std::optional<JsonError> parse_json(std::string_view text, const JsonLimits& limits,
                                    JsonValue& value);

// Says in the text where bytes stand: appends a value to it, such as a placeholder.
using WriteBytes = std::function<void(std::string& text, Bytes bytes)>;

// The value's text, byte for byte what JSON.stringify makes of it (ECMA-262 section 25.5.2): no
// white space, members in their order, numbers in their shortest form (section 6.1.6.1.20), and
// null for what JSON has no number for. Integers keep all their digits, where JavaScript rounds
// those beyond 2^53. Strings are to be UTF-8. Bytes become what `write_bytes` appends, and null
// without it.
std::string write_json(const JsonValue& value, const WriteBytes& write_bytes = {});

// What the value takes in memory, with everything below it; without what allocating costs, and the
// room that arrays and objects may have grown beyond what is in them.
std::size_t bytes_in_memory(const JsonValue& value) noexcept;
void append_json(std::string& text, const JsonValue& value, const WriteBytes& write_bytes = {});

// Text in quotes, with what must be escaped.
void append_json_string(std::string& text, std::string_view content);

}  // namespace duplex::codec
