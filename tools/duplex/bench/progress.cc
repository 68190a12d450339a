// One line on the terminal while a bench runs.
#include "progress.h"

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <utility>

#include "../command.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

bool starts_letter(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

// Every letter of these lines is one column wide.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_letter));
}

std::string first_columns(const std::string& text, std::size_t columns) {
  std::size_t end = 0;
  for (std::size_t width = 0; end < text.size(); ++end) {
    if (starts_letter(text[end]) && width++ == columns) break;
  }
  return text.substr(0, end);
}

void draw(const std::string& line) {
  std::fputs(("\r\x1b[K" + line).c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace

std::string progress_line(const std::string& what, double share, std::chrono::seconds left,
                          std::size_t columns) {
  constexpr std::size_t full_width = 24;
  constexpr std::size_t least_width = 4;
  const std::string end = "  " + std::to_string(left.count()) + " s left";
  const std::size_t words = width_of(what) + width_of(end) + 4;  // two spaces, two brackets
  if (words + least_width > columns) return first_columns(what + end, columns);
  const std::size_t width = std::min(full_width, columns - words);
  const double filled_width = std::clamp(share, 0.0, 1.0) * static_cast<double>(width);
  const auto filled = static_cast<std::size_t>(filled_width);
  return what + "  [" + std::string(filled, '#') + std::string(width - filled, '-') + "]" + end;
}

Progress::Progress(const std::vector<PlannedBlock>& blocks, std::chrono::nanoseconds overhead,
                   bool wanted)
    : blocks_(blocks), overhead_(overhead), visible_(wanted && is_terminal(2)) {
  for (std::size_t i = 0; i < blocks_.size(); ++i) total_ += time_of(i);
}

Progress::~Progress() {
  if (visible_) draw({});
}

std::chrono::nanoseconds Progress::time_of(std::size_t index) const {
  return blocks_[index].length + overhead_;
}

void Progress::start_block(std::size_t index, std::string what) {
  before_ = {};
  for (std::size_t i = 0; i < index; ++i) before_ += time_of(i);
  block_ = index;
  what_ = std::move(what);
  block_start_ = Clock::now();
  next_draw_ = {};
  tick();
}

void Progress::tick() {
  const auto now = Clock::now();
  if (!visible_ || now < next_draw_) return;
  next_draw_ = now + 200ms;
  const auto done =
      before_ + std::min<std::chrono::nanoseconds>(now - block_start_, time_of(block_));
  const double share = static_cast<double>(done.count()) /
                       static_cast<double>(std::max<std::int64_t>(total_.count(), 1));
  // What is drawn in the last column might wrap.
  draw(progress_line(what_, share, std::chrono::ceil<std::chrono::seconds>(total_ - done),
                     terminal_columns(2) - 1));
}

void Progress::finish_with_this() {
  if (std::exchange(finishing_, true)) return;
  total_ = before_ + time_of(block_);
  what_ = "last block · Ctrl-C again: no report";
  next_draw_ = {};
  tick();
}

}  // namespace duplex::tools
