// The connections to Redis that the adapters of one server share.
#pragma once

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

  net::EventLoop& loop;
  RedisOptions options;
  redis::Client client;
  redis::Subscriber subscriber;
};

// The answer of PUBSUB NUMSUB and SHARDNUMSUB to one channel: its subscribers, at least 1.
std::size_t subscribers_in(const redis::Reply& reply) noexcept;

// For PSUBSCRIBE: what matches this text and nothing else.
std::string escaped_pattern(std::string_view text);

}  // namespace duplex::cluster
