// The connections to Redis that the adapters of one server share.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "duplex/cluster/redis.h"
#include "duplex/redis/client.h"
#include "duplex/redis/subscriber.h"

namespace duplex::cluster {

// Owner: the factory, and each adapter that it has made.
struct Hub {
  Hub(net::EventLoop& on, std::string_view url, RedisOptions given);

  void complain(std::string_view what) const {
    if (options.on_error) options.on_error(what);
  }
  redis::ConnectionHandlers tell(std::string who);
  // By "PUBLISH" or "SPUBLISH"; complains of what is lost.
  void publish(std::string_view command, const std::string& channel, const std::string& content);
  // How many listen to the channel, with this one, by "NUMSUB" or "SHARDNUMSUB"; 1 if Redis cannot
  // be asked. Nobody is told once what `alive` stands for has gone.
  void count(std::string_view command, const std::string& channel, std::weak_ptr<void> alive,
             std::function<void(std::size_t)> handler);

  net::EventLoop& loop;
  RedisOptions options;
  redis::Client client;
  redis::Subscriber subscriber;
};

// For PSUBSCRIBE: what matches this text and nothing else.
std::string escaped_pattern(std::string_view text);

}  // namespace duplex::cluster
