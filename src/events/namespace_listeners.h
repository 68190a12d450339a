// Who listens to which event of all sockets of a namespace.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "duplex/events/socket.h"

namespace duplex::events {

// Handlers may add and remove handlers: that counts from the next event on.
class NamespaceListeners {
 public:
  using Handler = socketio::EventHandlerOf<Socket>;

  void add(std::string_view event, Handler handler);
  void remove(std::string_view event);
  bool empty() const noexcept { return lists_.empty(); }
  void end() noexcept { has_ended_ = true; }  // nobody is called any more

  // Calls the handlers of `event` in the order in which they were added. Returns what the first of
  // them says is wrong with the arguments.
  std::optional<std::string> call(Socket& socket, std::string_view event, Values values,
                                  const Ack& ack) const;

 private:
  // Never changed, but replaced: whoever is in the middle of a call goes through the old one.
  using List = std::vector<std::shared_ptr<const Handler>>;

  std::map<std::string, std::shared_ptr<const List>, std::less<>> lists_ = {};
  bool has_ended_ = false;
};

}  // namespace duplex::events
