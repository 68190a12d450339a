// Which channels of Redis the adapters of one server listen to.
#include "cluster/channels.h"

#include "net/reactor.h"

namespace duplex::cluster {

Channels::Channels(net::EventLoop& loop, std::string_view url, redis::ConnectionHandlers handlers,
                   const redis::ClientOptions& options, Complain complain)
    : loop_(loop),
      complain_(std::move(complain)),
      subscriber_(loop, url, std::move(handlers), options) {}

void Channels::listen(Way way, const std::string& name, const void* who, Listener listener) {
  const Name key(way, name);
  All& all = listening_[key];
  all.push_back(std::make_shared<Listening>(Listening{who, std::move(listener)}));
  if (all.size() == 1) subscribe(key);
}

void Channels::leave(Way way, const std::string& name, const void* who) {
  const Name key(way, name);
  const auto found = listening_.find(key);
  if (found == listening_.end()) return;
  std::erase_if(found->second, [who](const std::shared_ptr<Listening>& each) {
    each->is_over = each->is_over || each->who == who;
    return each->is_over;
  });
  if (!found->second.empty()) return;
  listening_.erase(found);
  unsubscribe(key);
}

void Channels::subscribe(const Name& name) {
  const auto& [way, text] = name;
  redis::SubscriptionHandlers handlers = {
      .on_message = [this, name](std::string_view channel,
                                 Bytes message) { pass_on(name, channel, message); },
      .on_refused =
          [this, name](const redis::Error& error) {
            complain_("channel '" + name.second + "': " + error.message);
          }};
  const bool is_asked = way == Way::channel   ? subscriber_.subscribe(text, std::move(handlers))
                        : way == Way::pattern ? subscriber_.psubscribe(text, std::move(handlers))
                                              : subscriber_.ssubscribe(text, std::move(handlers));
  if (is_asked) return;
  complain_("channel '" + text + "': too much waits for Redis, it is not listened to");
}

void Channels::unsubscribe(const Name& name) {
  const auto& [way, text] = name;
  switch (way) {
    case Way::channel:
      return subscriber_.unsubscribe(text);
    case Way::pattern:
      return subscriber_.punsubscribe(text);
    case Way::shard:
      return subscriber_.sunsubscribe(text);
  }
}

// Any of them may end all of this.
void Channels::pass_on(const Name& name, std::string_view channel, Bytes message) {
  const auto found = listening_.find(name);
  if (found == listening_.end()) return;
  net::Reactor& reactor = loop_.reactor();
  const All all = found->second;
  for (const std::shared_ptr<Listening>& each : all) {
    if (!each->is_over) reactor.guard([&] { each->listener(channel, message); });
  }
}

}  // namespace duplex::cluster
