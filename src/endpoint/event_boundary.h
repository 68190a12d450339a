// Whether a stream of events is between two of them: WHATWG HTML section 9.2.5. A line written in
// the middle of one would end it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace duplex::endpoint {

class EventBoundary {
 public:
  // `piece` has been written. Only its end is looked at.
  void pass(std::string_view piece) noexcept {
    constexpr std::size_t longest = 4;  // two line ends: CR LF CR LF
    if (piece.size() > longest) piece.remove_prefix(piece.size() - longest);
    for (const char c : piece) pass(c);
  }
  bool is_between_events() const noexcept { return line_ends_ >= 2; }

 private:
  void pass(char c) noexcept {
    const bool ends_line = c == '\r' || (c == '\n' && previous_ != '\r');
    if (ends_line && line_ends_ < 2) ++line_ends_;
    if (c != '\r' && c != '\n') line_ends_ = 0;
    previous_ = c;
  }

  char previous_ = '\0';
  std::uint8_t line_ends_ = 2;  // in a row, at the end of what has been written
};

}  // namespace duplex::endpoint
