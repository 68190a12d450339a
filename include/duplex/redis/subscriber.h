// Messages that others publish on Redis: a connection of its own, which subscribes again by itself.
//
//   redis::Subscriber subscriber(loop, "redis://127.0.0.1");
//   subscriber.subscribe("news", {.on_message = [](std::string_view channel, Bytes message) { ...
//   }});
//
// Publishing is for a Client. What is published while there is no connection is lost: Redis keeps
// nothing of it.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "duplex/base/bytes.h"
#include "duplex/net/event_loop.h"
#include "duplex/redis/client.h"

namespace duplex::redis {

// Each may do anything, even end its own subscription or destroy the subscriber.
struct SubscriptionHandlers {
  // Both live until the handler returns.
  std::function<void(std::string_view channel, Bytes message)> on_message = {};
  // Redis has confirmed: from here on nothing is missed. Also after each new connection.
  std::function<void()> on_subscribed = {};
  // Redis does not allow it, or takes it back (of a shard that moves). Tried again with the next
  // connection.
  std::function<void(const Error&)> on_refused = {};
};

class Subscriber {
 public:
  // As Client. Its on_connect comes when all subscriptions have been answered again. Of the options
  // max_pending_size says nothing here.
  Subscriber(net::EventLoop& loop, std::string_view url, ConnectionHandlers handlers = {},
             ClientOptions options = {});
  ~Subscriber();  // as close()
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  // Any time, connected or not. The handlers of an earlier subscription to the same are replaced.
  // False when it is refused, because max_pending_commands have no answer or after close().
  bool subscribe(std::string_view channel, SubscriptionHandlers handlers);   // SUBSCRIBE
  bool psubscribe(std::string_view pattern, SubscriptionHandlers handlers);  // PSUBSCRIBE
  bool ssubscribe(std::string_view channel, SubscriptionHandlers handlers);  // SSUBSCRIBE, Redis 7
  // From here on none of its handlers is called.
  void unsubscribe(std::string_view channel);
  void punsubscribe(std::string_view pattern);
  void sunsubscribe(std::string_view channel);

  bool is_connected() const noexcept;

  // Drops the connection and the subscriptions, for good; no handler is called.
  void close() noexcept;

  class Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace duplex::redis
