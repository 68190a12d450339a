// Who listens to which event of a namespace; see namespace_listeners.h.
#include "events/namespace_listeners.h"

#include <utility>

namespace duplex::events {

void NamespaceListeners::add(std::string_view event, Handler handler) {
  const auto found = lists_.find(event);
  List longer = found == lists_.end() ? List() : *found->second;
  longer.push_back(std::make_shared<const Handler>(std::move(handler)));
  auto list = std::make_shared<const List>(std::move(longer));
  lists_.insert_or_assign(std::string(event), std::move(list));
}

void NamespaceListeners::remove(std::string_view event) {
  const auto found = lists_.find(event);
  if (found != lists_.end()) lists_.erase(found);
}

std::optional<std::string> NamespaceListeners::call(Socket& socket, std::string_view event,
                                                    Values values, const Ack& ack) const {
  const auto found = lists_.find(event);
  if (found == lists_.end()) return std::nullopt;
  const auto list = found->second;
  std::optional<std::string> fault;
  for (const auto& handler : *list) {
    if (has_ended_) break;
    auto wrong = (*handler)(socket, values, ack);
    if (!fault) fault = std::move(wrong);
  }
  return fault;
}

}  // namespace duplex::events
