// The events of the feed as text.
#include "feed_event.h"

#include <charconv>

namespace duplex::tools {
namespace {

// Takes a decimal number and the space after it off the front.
template <class Number>
bool take_number(std::string_view& line, Number& number) noexcept {
  const char* const last = line.data() + line.size();
  const auto [end, error] = std::from_chars(line.data(), last, number);
  if (error != std::errc()) return false;
  line.remove_prefix(static_cast<std::size_t>(end - line.data()));
  if (line.empty()) return true;
  if (line.front() != ' ') return false;
  line.remove_prefix(1);
  return true;
}

bool is_stamp(std::int64_t time) noexcept {
  return time >= -furthest_stamp.count() && time <= furthest_stamp.count();
}

}  // namespace

std::string encode_event(const FeedEvent& event, std::size_t size, std::string_view filling) {
  std::string line = std::to_string(event.id);
  line += ' ';
  line += std::to_string(event.generated.count());
  line += ' ';
  line += std::to_string(event.emitted.count());
  if (line.size() < size) line += ' ';
  if (line.size() < size) line += filling.substr(0, size - line.size());
  return line;
}

std::optional<FeedEvent> decode_event(std::string_view line) noexcept {
  FeedEvent event;
  std::int64_t generated = 0;
  std::int64_t emitted = 0;
  if (!take_number(line, event.id) || !take_number(line, generated) ||
      !take_number(line, emitted) || !is_stamp(generated) || !is_stamp(emitted)) {
    return std::nullopt;
  }
  event.generated = std::chrono::nanoseconds(generated);
  event.emitted = std::chrono::nanoseconds(emitted);
  return event;
}

}  // namespace duplex::tools
