// JSON output: commas and indentation follow from what is open.
#include "measure/json_writer.h"

#include <array>
#include <cassert>
#include <charconv>
#include <cmath>

#include "duplex/codec/json.h"

namespace duplex::measure {
std::string json_string(std::string_view text) {
  std::string quoted;
  codec::append_json_string(quoted, text);
  return quoted;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  assert(!has_items_.empty() && !after_key_);
  start_item();
  text_ += json_string(name) + ": ";
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) { return raw(json_string(text)); }

JsonWriter& JsonWriter::value(double number) {
  if (!std::isfinite(number)) return null();
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  return raw({digits.data(), end.ptr});
}

const std::string& JsonWriter::text() const {
  assert(has_items_.empty() && !after_key_);
  return text_;
}

JsonWriter& JsonWriter::begin(char bracket) {
  start_item();
  text_ += bracket;
  has_items_.push_back(false);
  return *this;
}

JsonWriter& JsonWriter::end(char bracket) {
  assert(!has_items_.empty() && !after_key_);
  const bool had_items = has_items_.back();
  has_items_.pop_back();
  if (had_items) new_line();
  text_ += bracket;
  if (has_items_.empty()) text_ += '\n';
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view token) {
  start_item();
  text_ += token;
  if (has_items_.empty()) text_ += '\n';
  return *this;
}

// Before a key, or a value that has none.
void JsonWriter::start_item() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (has_items_.empty()) return;
  if (has_items_.back()) text_ += ',';
  has_items_.back() = true;
  new_line();
}

void JsonWriter::new_line() {
  text_ += '\n';
  text_.append(2 * has_items_.size(), ' ');
}

}  // namespace duplex::measure
