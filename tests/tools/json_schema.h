// Whether JSON keeps to a schema: of JSON Schema's words those that run.schema.json and
// preset.schema.json use.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include "duplex/codec/json.h"

namespace duplex::tools {

// What does not fit first, with its place; empty: it fits. A word of the schema that is not known
// here does not fit either, so that nothing is let through unseen.
class JsonSchema {
 public:
  // `other`: the schema of another file, if it is referred to. Both outlive this.
  explicit JsonSchema(const codec::JsonValue& schema, const codec::JsonValue* other = nullptr)
      : root_(schema), other_(other) {}

  std::string problem(const codec::JsonValue& value) const { return check(value, root_, "$"); }

 private:
  using Value = codec::JsonValue;

  std::string check(const Value& value, const Value& schema, const std::string& path) const {
    for (const auto& [word, rule] : *schema.object()) {
      std::string found = apply(word, rule, value, schema, path);
      if (!found.empty()) return found;
    }
    return {};
  }

  std::string apply(std::string_view word, const Value& rule, const Value& value,
                    const Value& schema, const std::string& path) const {
    if (word == "$schema" || word == "title" || word == "description" || word == "$defs") return {};
    if (word == "$ref") return check_reference(value, *rule.text(), path);
    if (word == "type") return has_type(value, rule) ? "" : path + ": another type";
    if (word == "const") return value.number() == rule.number() ? "" : path + ": another value";
    if (word == "enum") return is_one_of(value, rule) ? "" : path + ": none of those allowed";
    if (word == "minimum") {
      const auto number = value.number();
      return number && *number < *rule.number() ? path + ": too small" : "";
    }
    if (word == "required") return check_required(value, rule, path);
    if (word == "properties") return check_members(value, rule, path);
    if (word == "additionalProperties") return check_others(value, schema, rule, path);
    if (word == "items") return check_items(value, rule, path);
    return path + ": unknown word of the schema: " + std::string(word);
  }

  std::string check_reference(const Value& value, const std::string& reference,
                              const std::string& path) const {
    if (reference.starts_with('#')) return check(value, *find_definition(reference), path);
    if (other_ == nullptr) return path + ": a schema that is not here: " + reference;
    return JsonSchema(*other_).check(value, *other_, path);
  }

  const Value* find_definition(std::string_view reference) const {
    return root_.find("$defs")->find(reference.substr(reference.rfind('/') + 1));
  }

  static bool is_a(const Value& value, std::string_view type) {
    if (type == "null") return value.is_null();
    if (type == "boolean") return value.flag() != nullptr;
    if (type == "string") return value.text() != nullptr;
    if (type == "number") return value.number().has_value();
    if (type == "integer") return value.number() && std::floor(*value.number()) == *value.number();
    if (type == "array") return value.array() != nullptr;
    return type == "object" && value.object() != nullptr;
  }

  static bool has_type(const Value& value, const Value& rule) {
    if (rule.text() != nullptr) return is_a(value, *rule.text());
    return std::any_of(rule.array()->begin(), rule.array()->end(),
                       [&value](const Value& type) { return is_a(value, *type.text()); });
  }

  static bool is_one_of(const Value& value, const Value& rule) {
    return value.text() != nullptr &&
           std::any_of(rule.array()->begin(), rule.array()->end(),
                       [&value](const Value& each) { return *each.text() == *value.text(); });
  }

  static std::string check_required(const Value& value, const Value& rule,
                                    const std::string& path) {
    if (value.object() == nullptr) return {};
    for (const Value& name : *rule.array()) {
      if (value.find(*name.text()) == nullptr) return path + ": lacks " + *name.text();
    }
    return {};
  }

  std::string check_members(const Value& value, const Value& properties,
                            const std::string& path) const {
    if (value.object() == nullptr) return {};
    for (const auto& [name, rule] : *properties.object()) {
      const Value* const member = value.find(name);
      if (member == nullptr) continue;
      std::string found = check(*member, rule, path + "." + name);
      if (!found.empty()) return found;
    }
    return {};
  }

  // The members that `schema` does not name: `rule` is theirs, or false.
  std::string check_others(const Value& value, const Value& schema, const Value& rule,
                           const std::string& path) const {
    if (value.object() == nullptr) return {};
    const Value* const properties = schema.find("properties");
    for (const auto& [name, member] : *value.object()) {
      if (properties != nullptr && properties->find(name) != nullptr) continue;
      if (rule.flag() != nullptr) return path + ": has " + name + ", which is not described";
      std::string found = check(member, rule, path + "." + name);
      if (!found.empty()) return found;
    }
    return {};
  }

  std::string check_items(const Value& value, const Value& rule, const std::string& path) const {
    if (value.array() == nullptr) return {};
    std::size_t index = 0;
    for (const Value& item : *value.array()) {
      std::string found = check(item, rule, path + "[" + std::to_string(index++) + "]");
      if (!found.empty()) return found;
    }
    return {};
  }

  const Value& root_;
  const Value* other_;
};

}  // namespace duplex::tools
