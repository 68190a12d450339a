// Who listens to which event; see listeners.h.
#include "socketio/listeners.h"

#include <algorithm>
#include <utility>

namespace duplex::socketio {
namespace {

class Depth {
 public:
  explicit Depth(std::size_t& depth) noexcept : depth_(depth) { ++depth_; }
  ~Depth() { --depth_; }
  Depth(const Depth&) = delete;
  Depth& operator=(const Depth&) = delete;

 private:
  std::size_t& depth_;
};

}  // namespace

void Listeners::add(std::string_view event, EventHandler handler, bool once) {
  listeners_.push_back({std::string(event), std::move(handler), once});
}

void Listeners::remove(std::string_view event) {
  for (Listener& listener : listeners_) listener.removed |= listener.event == event;
  if (depth_ == 0) listeners_.remove_if([](const Listener& each) { return each.removed; });
}

bool Listeners::has(std::string_view event) const noexcept {
  return std::ranges::any_of(listeners_, [event](const Listener& listener) {
    return listener.event == event && !listener.removed;
  });
}

std::optional<std::string> Listeners::call(std::string_view event, Values values, const Ack& ack) {
  std::optional<std::string> fault;
  std::size_t count = listeners_.size();
  {
    const Depth depth(depth_);
    for (auto each = listeners_.begin(); count > 0; ++each, --count) {
      if (each->removed || each->event != event) continue;
      each->removed = each->once;
      auto wrong = each->handler(values, ack);
      if (!fault) fault = std::move(wrong);
    }
  }
  if (depth_ == 0) listeners_.remove_if([](const Listener& listener) { return listener.removed; });
  return fault;
}

}  // namespace duplex::socketio
