// Lines of stdin for a loop that must not block: a thread reads, the loop takes.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "duplex/duplex.h"

namespace duplex::tools {

// The longest line that is taken, in bytes: `duplex serve` echoes no longer message either.
inline constexpr std::size_t max_line_size = std::size_t{64} << 20;

// One block of lines is under way at a time: the thread reads on when the last block has been
// acknowledged, so that a fast pipe cannot fill the memory. Owner and thread: the loop's.
class StdinReader {
 public:
  struct Handlers {
    std::function<void(std::vector<std::string> lines)> on_lines;  // acknowledge() is owed
    std::function<void()> on_end;                                  // of the input
    std::function<void()> on_too_long;  // a line above max_line_size; nothing more is read
  };

  StdinReader(EventLoop& loop, Handlers handlers);
  ~StdinReader();
  StdinReader(const StdinReader&) = delete;
  StdinReader& operator=(const StdinReader&) = delete;

  void acknowledge() {
    under_way_ = false;
    acknowledged_.release();
  }
  // Some of the input has come and has not been acknowledged.
  bool has_more() const;

 private:
  void read_until_end();
  bool wait_for_input();
  bool hand_over(std::vector<std::string> lines);

  EventLoop& loop_;
  Handlers handlers_;
  int stop_event_ = -1;
  std::atomic<bool> under_way_ = false;   // a block has been read, and is not acknowledged
  std::atomic<bool> unfinished_ = false;  // a line, of which more is to come
  std::counting_semaphore<> acknowledged_{0};
  std::thread thread_;
};

// Takes the complete lines off the front of `text`; "\r\n" ends a line as well as "\n". The first
// `searched` bytes are known to hold no end of a line.
std::vector<std::string> take_lines(std::string& text, std::size_t searched = 0);

}  // namespace duplex::tools
