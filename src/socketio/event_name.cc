// The name of an event; see event_name.h.
#include "socketio/event_name.h"

#include <algorithm>
#include <cstring>

namespace duplex::socketio {
namespace {

constexpr std::size_t pointer_size = sizeof(void*);

}  // namespace

EventName::EventName(std::string_view text)
    : size_(text.size() <= max_short_size ? static_cast<std::uint8_t>(text.size()) : is_long) {
  if (size_ != is_long) {
    std::copy(text.begin(), text.end(), text_.begin());
    return;
  }
  const auto* const memory = new std::string(text);
  std::memcpy(text_.data(), &memory, pointer_size);
}

EventName::~EventName() {
  if (size_ == is_long) delete long_text();
}

std::string* EventName::long_text() const noexcept {
  std::string* memory = nullptr;
  std::memcpy(&memory, text_.data(), pointer_size);
  return memory;
}

std::string_view EventName::view() const noexcept {
  return size_ == is_long ? std::string_view(*long_text()) : std::string_view(text_.data(), size_);
}

}  // namespace duplex::socketio
