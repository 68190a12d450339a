// Reads JSON, RFC 8259, strictly: no comments, no trailing commas, nothing before or after the one
// value but white space. Beyond the grammar, what the RFC leaves to the reader is refused where it
// would make two readers differ: names that repeat within an object (section 4), and escaped halves
// of a surrogate pair (section 8.2). Numbers must fit a double (section 6).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "duplex/base/result.h"

namespace duplex::codec {

// Limits of one document. Beyond any of them parse_json() fails.
struct JsonLimits {
  std::size_t max_size = std::size_t{16} << 20;     // bytes of text
  std::size_t max_depth = 64;                       // arrays and objects within one another
  std::size_t max_values = std::size_t{1'000'000};  // in all, containers too; each takes 64 bytes
};

class JsonValue;
using JsonArray = std::vector<JsonValue>;
using JsonMember = std::pair<std::string, JsonValue>;
using JsonObject = std::vector<JsonMember>;  // in the order of the text; names do not repeat

// A number keeps its text's value as a double, and exactly if it was written as an integer of 64
// bits: without fraction and exponent.
struct JsonNumber {
  double value = 0;
  std::optional<std::int64_t> integer = {};
  friend bool operator==(const JsonNumber&, const JsonNumber&) = default;
};

// One value, which owns everything below it. The accessors of another kind than its own give
// nothing; what they point to lives as long as the value.
class JsonValue {
 public:
  JsonValue() = default;  // null
  explicit JsonValue(bool flag) : content_(flag) {}
  explicit JsonValue(JsonNumber number) : content_(number) {}
  explicit JsonValue(std::string text) : content_(std::move(text)) {}
  explicit JsonValue(JsonArray items) : content_(std::move(items)) {}
  explicit JsonValue(JsonObject members) : content_(std::move(members)) {}

  bool is_null() const noexcept { return std::holds_alternative<std::monostate>(content_); }
  const bool* flag() const noexcept { return std::get_if<bool>(&content_); }
  const std::string* text() const noexcept { return std::get_if<std::string>(&content_); }
  const JsonArray* array() const noexcept { return std::get_if<JsonArray>(&content_); }
  const JsonObject* object() const noexcept { return std::get_if<JsonObject>(&content_); }
  std::optional<double> number() const noexcept;
  std::optional<std::int64_t> integer() const noexcept;  // only if it was written as one

  // The member of that name, of an object that has it. Linear in the number of members.
  const JsonValue* find(std::string_view name) const noexcept;

 private:
  std::variant<std::monostate, bool, JsonNumber, std::string, JsonArray, JsonObject> content_;
};

struct JsonError {
  std::size_t offset = 0;  // bytes before the place
  std::string message;     // "expected ',' or ']' at byte 17"
};

// Memory: what the values take, at most max_values times 64 bytes, and the strings.
Result<JsonValue, JsonError> parse_json(std::string_view text, const JsonLimits& limits = {});

}  // namespace duplex::codec
