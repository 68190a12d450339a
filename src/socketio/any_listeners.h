// Who listens to every event, whatever its name. Pure.
#pragma once

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "duplex/socketio/event.h"

namespace duplex::socketio {

// Handlers may add and remove handlers, and destroy what owns this object if that keeps it alive
// for as long: what is removed while an event is delivered is not called any more, what is added
// hears of the next event.
class AnyListeners {
 public:
  bool empty() const noexcept { return handlers_.empty(); }
  void add(AnyHandler handler) { handlers_.push_back(shared(std::move(handler))); }
  void prepend(AnyHandler handler) {
    handlers_.insert(handlers_.begin(), shared(std::move(handler)));
  }
  void clear() noexcept { handlers_.clear(); }

  // Calls one after the other, for as long as `goes_on()` says so.
  template <class F>
  void call(std::string_view event, Values values, F&& goes_on) const {
    const auto now = handlers_;
    for (const auto& handler : now) {
      if (!goes_on()) return;
      if (std::ranges::find(handlers_, handler) != handlers_.end()) (*handler)(event, values);
    }
  }

 private:
  using Shared = std::shared_ptr<const AnyHandler>;

  static Shared shared(AnyHandler handler) {
    return std::make_shared<const AnyHandler>(std::move(handler));
  }

  std::vector<Shared> handlers_ = {};
};

}  // namespace duplex::socketio
