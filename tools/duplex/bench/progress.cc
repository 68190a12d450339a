// One line on the terminal while a bench runs.
#include "progress.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "../command.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

void draw(const std::string& line) {
  std::fputs(("\r\x1b[K" + line).c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace

std::string progress_line(const std::string& what, double share, std::chrono::seconds left) {
  constexpr std::size_t width = 24;
  const auto filled =
      std::min(width, static_cast<std::size_t>(std::max(0.0, share) * double{width}));
  return what + "  [" + std::string(filled, '#') + std::string(width - filled, '-') + "]  " +
         std::to_string(left.count()) + " s left";
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
  draw(progress_line(what_, share, std::chrono::ceil<std::chrono::seconds>(total_ - done)));
}

}  // namespace duplex::tools
