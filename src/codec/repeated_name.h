// Names of an object that are there twice, for readers that refuse them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "duplex/codec/json.h"

namespace duplex::codec {

// The first name that repeats one before it, or null. It lives as long as the members. They are
// sorted, not hashed: whoever sends the names could choose them to fall into one bucket.
inline const std::string* repeated_name(const JsonObject& members) {
  std::vector<std::pair<std::string_view, std::size_t>> names;
  names.reserve(members.size());
  for (const auto& [name, value] : members) names.emplace_back(name, names.size());
  std::ranges::sort(names);
  std::size_t first = members.size();
  for (std::size_t i = 1; i < names.size(); ++i) {
    if (names[i].first == names[i - 1].first) first = std::min(first, names[i].second);
  }
  return first == members.size() ? nullptr : &members[first].first;
}

}  // namespace duplex::codec
