// Who listens to which event: the handlers of one socket. Pure.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>

#include "duplex/socketio/event.h"

namespace duplex::socketio {

// Handlers may add and remove handlers, and destroy what owns this object if that keeps it alive
// for as long: what is removed while an event is delivered is not called any more, what is added
// hears of the next event.
class Listeners {
 public:
  void add(std::string_view event, EventHandler handler, bool once);
  void remove(std::string_view event);  // all handlers of it
  bool has(std::string_view event) const noexcept;

  // Calls the handlers of `event` in the order in which they were added. Returns what the first of
  // them says is wrong with the arguments.
  std::optional<std::string> call(std::string_view event, Values values, const Ack& ack);

 private:
  struct Listener {
    std::string event;
    EventHandler handler;
    bool once = false;
    bool removed = false;
  };

  std::list<Listener> listeners_ = {};  // in one place each while they run
  std::size_t depth_ = 0;               // of calls within calls
};

}  // namespace duplex::socketio
