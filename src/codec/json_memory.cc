// What a JSON value takes in memory.
#include "duplex/codec/json.h"

namespace duplex::codec {

std::size_t bytes_in_memory(const JsonValue& value) noexcept {
  std::size_t size = sizeof(value);
  if (const auto* const text = value.text()) size += text->size();
  if (const auto* const bytes = value.bytes()) size += bytes->size();
  if (const auto* const items = value.array()) {
    for (const JsonValue& item : *items) size += bytes_in_memory(item);
  }
  if (const auto* const members = value.object()) {
    for (const auto& [name, item] : *members) {
      size += sizeof(name) + name.size() + bytes_in_memory(item);
    }
  }
  return size;
}

}  // namespace duplex::codec
