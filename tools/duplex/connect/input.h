// What a conversation says: lines, from whoever has them.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "duplex/net/event_loop.h"

namespace duplex::tools {

// The longest line that is taken, in bytes: `duplex serve` echoes no longer message either.
inline constexpr std::size_t max_line_size = std::size_t{64} << 20;

struct InputHandlers {
  std::function<void(std::vector<std::string> lines)> on_lines;  // acknowledge() is owed
  std::function<void()> on_end;                                  // of the input
  std::function<void()> on_too_long;  // a line above max_line_size; nothing more is read
};

// One block of lines is under way at a time: the next comes when the last has been acknowledged, so
// that a fast pipe cannot fill the memory. Owner: the command; thread: the loop's.
class Input {
 public:
  virtual void start(net::EventLoop& loop, InputHandlers handlers) = 0;  // once
  virtual void acknowledge() = 0;
  virtual bool has_more() const = 0;  // some of it has come, and no line has been made of it

 protected:
  ~Input() = default;
};

}  // namespace duplex::tools
