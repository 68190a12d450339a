// Members of a JSON object by name and kind; the first one that is not as expected is remembered.
// Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "duplex/codec/json.h"

namespace duplex::tools {

// Getters of what is not there, or of another kind, give 0 or nothing, and note the problem:
// "blocks[3].mean: expected a number". Views `value` and `problem`, which outlive it.
class JsonFields {
 public:
  JsonFields(const codec::JsonValue& value, std::string path, std::string& problem);

  double number(std::string_view name) const;
  std::optional<double> optional_number(std::string_view name) const;  // null: none
  double seconds(std::string_view name) const;  // a time that can be: not below 0, below 9e9
  std::optional<double> optional_seconds(std::string_view name) const;  // null: none
  // Seconds before (below 0) or after another instant: what nanoseconds can hold either way.
  double instant(std::string_view name) const;
  double share(std::string_view name) const;                    // from 0 to 1
  std::uint64_t count(std::string_view name) const;             // an integer, not below 0
  std::string text(std::string_view name) const;                // that a terminal can show
  std::vector<std::string> texts(std::string_view name) const;  // an array of such
  // A text that is one of these.
  std::string one_of(std::string_view name, std::initializer_list<std::string_view> words) const;
  bool flag(std::string_view name) const;
  std::chrono::nanoseconds duration(std::string_view name) const;  // seconds()
  JsonFields object(std::string_view name) const;
  std::optional<JsonFields> optional_object(std::string_view name) const;  // null: none

  // visit(name, value) for each member of this object.
  template <class Visit>
  void each_member(Visit visit) const {
    if (value_.object() == nullptr) return;
    for (const auto& [name, value] : *value_.object()) visit(name, value);
  }
  // visit(JsonFields) for each element of the array of that name.
  template <class Visit>
  void each_object(std::string_view name, Visit visit) const {
    const codec::JsonValue& list = member(name);
    if (list.array() == nullptr) return complain(name, "an array");
    std::size_t index = 0;
    for (const codec::JsonValue& each : *list.array()) {
      visit(JsonFields(each, path_of(name) + "[" + std::to_string(index++) + "]", problem_));
    }
  }

  // Notes a problem with that member, unless there is one already.
  void complain(std::string_view name, std::string_view expected) const;

 private:
  const codec::JsonValue& member(std::string_view name) const;
  std::string path_of(std::string_view name) const;

  const codec::JsonValue& value_;
  std::string path_;
  std::string& problem_;
};

}  // namespace duplex::tools
