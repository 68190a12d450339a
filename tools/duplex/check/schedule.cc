// Which case is next.
#include "schedule.h"

namespace duplex::tools::suite {
namespace {

constexpr std::size_t heavy_limit = 2;

}  // namespace

Schedule::Schedule(const std::vector<const Case*>& cases, std::size_t parallel)
    : cases_(cases), parallel_(parallel) {
  for (std::size_t i = 0; i < cases.size(); ++i) {
    queue_for(cases[i]->load).push_back(i);
  }
}

std::deque<std::size_t>& Schedule::queue_for(Load load) noexcept {
  switch (load) {
    case Load::slow:
      return slow_;
    case Load::heavy:
      return heavy_;
    case Load::flood:
      return floods_;
    case Load::light:
      break;
  }
  return light_;
}

bool Schedule::done() const noexcept {
  return running_ == 0 && slow_.empty() && light_.empty() && heavy_.empty() && floods_.empty();
}

// Where the next case waits, or null for none now.
std::deque<std::size_t>* Schedule::choose() {
  if (running_ >= parallel_ || flooding_) return nullptr;
  if (!slow_.empty()) return &slow_;
  if (!heavy_.empty() && heavy_running_ < heavy_limit) return &heavy_;
  if (!light_.empty()) return &light_;
  return running_ == 0 && !floods_.empty() ? &floods_ : nullptr;
}

std::optional<std::size_t> Schedule::begin() {
  std::deque<std::size_t>* const queue = choose();
  if (queue == nullptr) return std::nullopt;
  const std::size_t index = queue->front();
  queue->pop_front();
  ++running_;
  if (queue == &heavy_) ++heavy_running_;
  flooding_ = queue == &floods_;
  return index;
}

void Schedule::end(std::size_t index) {
  --running_;
  if (cases_[index]->load == Load::heavy) --heavy_running_;
  flooding_ = false;
}

void Schedule::put_back(std::size_t index) {
  end(index);
  queue_for(cases_[index]->load).push_front(index);
}

}  // namespace duplex::tools::suite
