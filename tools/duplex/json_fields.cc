// Members of a JSON object by name and kind.
#include "json_fields.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "printable.h"

namespace duplex::tools {
namespace {

const codec::JsonValue absent;

constexpr double longest = 9e9;  // seconds that nanoseconds can hold

}  // namespace

JsonFields::JsonFields(const codec::JsonValue& value, std::string path, std::string& problem)
    : value_(value), path_(std::move(path)), problem_(problem) {
  if (value.object() == nullptr && problem_.empty()) {
    problem_ = (path_.empty() ? "" : path_ + ": ") + "expected an object";
  }
}

const codec::JsonValue& JsonFields::member(std::string_view name) const {
  const codec::JsonValue* const found = value_.find(name);
  return found == nullptr ? absent : *found;
}

std::string JsonFields::path_of(std::string_view name) const {
  return (path_.empty() ? "" : path_ + ".") + std::string(name);
}

void JsonFields::complain(std::string_view name, std::string_view expected) const {
  if (problem_.empty()) problem_ = printable(path_of(name)) + ": expected " + std::string(expected);
}

double JsonFields::number(std::string_view name) const {
  const auto number = member(name).number();
  if (!number) complain(name, "a number");
  return number.value_or(0);
}

std::optional<double> JsonFields::optional_number(std::string_view name) const {
  if (value_.find(name) != nullptr && member(name).is_null()) return std::nullopt;
  return number(name);
}

double JsonFields::seconds(std::string_view name) const {
  const double seconds = number(name);
  if (seconds >= 0 && seconds < longest) return seconds;
  complain(name, "seconds from 0 to 9e9");
  return 0;
}

std::optional<double> JsonFields::optional_seconds(std::string_view name) const {
  if (!optional_number(name)) return std::nullopt;
  return seconds(name);
}

double JsonFields::instant(std::string_view name) const {
  const double seconds = number(name);
  if (std::abs(seconds) < longest) return seconds;
  complain(name, "seconds between -9e9 and 9e9");
  return 0;
}

double JsonFields::share(std::string_view name) const {
  const double share = number(name);
  if (share >= 0 && share <= 1) return share;
  complain(name, "a share from 0 to 1");
  return 0;
}

std::uint64_t JsonFields::count(std::string_view name) const {
  const auto integer = member(name).integer();
  if (!integer || *integer < 0) {
    complain(name, "an integer, not below 0");
    return 0;
  }
  return static_cast<std::uint64_t>(*integer);
}

std::string JsonFields::text(std::string_view name) const {
  const std::string* const text = member(name).text();
  if (text == nullptr) complain(name, "a string");
  if (text != nullptr && printable(*text) != *text) {
    complain(name, "a string without control characters");
  }
  return text == nullptr ? std::string() : *text;
}

std::vector<std::string> JsonFields::texts(std::string_view name) const {
  std::vector<std::string> texts;
  const codec::JsonArray* const list = member(name).array();
  if (list == nullptr) complain(name, "an array");
  if (list == nullptr) return texts;
  for (const codec::JsonValue& each : *list) {
    const std::string* const text = each.text();
    if (text == nullptr || printable(*text) != *text) {
      complain(name, "strings without control characters");
    } else {
      texts.push_back(*text);
    }
  }
  return texts;
}

std::string JsonFields::one_of(std::string_view name,
                               std::initializer_list<std::string_view> words) const {
  const std::string given = text(name);
  if (std::find(words.begin(), words.end(), given) != words.end()) return given;
  std::string all;
  for (const std::string_view word : words) all.append(all.empty() ? "" : " or ").append(word);
  complain(name, all);
  return given;
}

bool JsonFields::flag(std::string_view name) const {
  const bool* const flag = member(name).flag();
  if (flag == nullptr) complain(name, "true or false");
  return flag != nullptr && *flag;
}

std::chrono::nanoseconds JsonFields::duration(std::string_view name) const {
  return std::chrono::nanoseconds(std::llround(seconds(name) * 1e9));
}

JsonFields JsonFields::object(std::string_view name) const {
  return {member(name), path_of(name), problem_};
}

std::optional<JsonFields> JsonFields::optional_object(std::string_view name) const {
  if (member(name).is_null()) return std::nullopt;
  return object(name);
}

}  // namespace duplex::tools
