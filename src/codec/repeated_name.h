// Names of an object that are there twice, for readers that refuse them.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>

#include "duplex/codec/json.h"

namespace duplex::codec {

// The first name that repeats one before it, or null. It lives as long as the members.
inline const std::string* repeated_name(const JsonObject& members) {
  std::unordered_set<std::string_view> names;
  for (const auto& [name, value] : members) {
    if (!names.insert(name).second) return &name;
  }
  return nullptr;
}

}  // namespace duplex::codec
