// Events as C++ writes them; see event.h.
#include "duplex/socketio/event.h"

namespace duplex::socketio {

std::string_view kind_of(const Json& value) noexcept {
  if (value.flag() != nullptr) return "true or false";
  if (value.number()) return "a number";
  if (value.text() != nullptr) return "a text";
  if (value.bytes() != nullptr) return "bytes";
  if (value.array() != nullptr) return "an array";
  return value.object() != nullptr ? "an object" : "null";
}

void detail::note(std::optional<std::string>& fault, bool is_taken, Values values,
                  std::size_t index, std::string_view wanted) {
  if (is_taken || fault) return;
  const std::string_view found = index < values.size() ? kind_of(values[index]) : "missing";
  fault = "argument " + std::to_string(index + 1) + " is " + std::string(found) + ", where " +
          std::string(wanted) + " was expected";
}

}  // namespace duplex::socketio
