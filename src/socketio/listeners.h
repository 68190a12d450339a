// Who listens to which event: the handlers of one socket. Pure.
#pragma once

#include <cstddef>
#include <forward_list>
#include <string>
#include <string_view>

#include "duplex/socketio/event.h"
#include "socketio/event_name.h"

namespace duplex::socketio {

// Handlers may add and remove handlers, and destroy what owns this object if that keeps it alive
// for as long: what is removed while an event is delivered is not called any more, what is added
// hears of the next event. Memory: 64 bytes for each, and what a handler takes beyond two words.
class Listeners {
 public:
  Listeners() = default;
  Listeners(const Listeners&) = delete;
  Listeners& operator=(const Listeners&) = delete;

  bool empty() const noexcept { return listeners_.empty(); }
  void add(std::string_view event, EventHandler handler, bool once);
  void remove(std::string_view event);  // all handlers of it
  void clear();                         // and of all others
  bool has(std::string_view event) const noexcept;

  // Calls the handlers of `event` in the order in which they were added. Returns what the first of
  // them says is wrong with the arguments.
  std::optional<std::string> call(std::string_view event, Values values, const Ack& ack);

 private:
  struct Listener {
    Listener(std::string_view name, EventHandler function, bool only_once)
        : handler(std::move(function)), event(name), once(only_once) {}

    EventHandler handler;
    EventName event;
    bool once;
    bool removed = false;
  };
  static_assert(sizeof(Listener) <= 48, "every socket may have many");
  using List = std::forward_list<Listener>;

  void sweep();

  List listeners_ = {};                              // in one place each while they run
  List::iterator last_ = listeners_.before_begin();  // where the next one is added
  std::uint32_t depth_ = 0;                          // of calls within calls
  bool has_removed_ = false;
};

}  // namespace duplex::socketio
