// The name of an event, in as many bytes as most names need. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace duplex::socketio {

// 14 bytes without alignment; a name of more than 13 has memory of its own.
class EventName {
 public:
  explicit EventName(std::string_view text);
  ~EventName();
  EventName(const EventName&) = delete;
  EventName& operator=(const EventName&) = delete;

  std::string_view view() const noexcept;

 private:
  static constexpr std::size_t max_short_size = 13;
  static constexpr std::uint8_t is_long = 255;

  std::string* long_text() const noexcept;

  std::uint8_t size_;
  std::array<char, max_short_size> text_;  // or the pointer to a long one, not aligned
};

}  // namespace duplex::socketio
