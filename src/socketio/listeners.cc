// Who listens to which event; see listeners.h.
#include "socketio/listeners.h"

#include <algorithm>
#include <utility>

namespace duplex::socketio {
namespace {

class Depth {
 public:
  explicit Depth(std::uint32_t& depth) noexcept : depth_(depth) { ++depth_; }
  ~Depth() { --depth_; }
  Depth(const Depth&) = delete;
  Depth& operator=(const Depth&) = delete;

 private:
  std::uint32_t& depth_;
};

}  // namespace

void Listeners::add(std::string_view event, EventHandler handler, bool once) {
  last_ = listeners_.emplace_after(last_, event, std::move(handler), once);
}

void Listeners::remove(std::string_view event) {
  for (Listener& listener : listeners_) {
    if (listener.event.view() == event) has_removed_ = listener.removed = true;
  }
  sweep();
}

void Listeners::clear() {
  for (Listener& listener : listeners_) has_removed_ = listener.removed = true;
  sweep();
}

// Not while they are called: somebody may stand on what would go.
void Listeners::sweep() {
  if (depth_ > 0 || !has_removed_) return;
  has_removed_ = false;
  last_ = listeners_.before_begin();
  for (auto next = listeners_.begin(); next != listeners_.end();) {
    if (next->removed) {
      next = listeners_.erase_after(last_);
    } else {
      last_ = next++;
    }
  }
}

bool Listeners::has(std::string_view event) const noexcept {
  return std::ranges::any_of(listeners_, [event](const Listener& listener) {
    return listener.event.view() == event && !listener.removed;
  });
}

// Those that are there now.
std::optional<std::string> Listeners::call(std::string_view event, Values values, const Ack& ack) {
  std::optional<std::string> fault;
  if (empty()) return fault;
  {
    const Depth depth(depth_);
    for (auto each = listeners_.begin(), last = last_;; ++each) {
      if (!each->removed && each->event.view() == event) {
        each->removed = each->once;
        has_removed_ = has_removed_ || each->once;
        auto wrong = each->handler(values, ack);
        if (!fault) fault = std::move(wrong);
      }
      if (each == last) break;
    }
  }
  sweep();
  return fault;
}

}  // namespace duplex::socketio
