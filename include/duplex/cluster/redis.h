// Servers of one Socket.IO application on many machines, joined by a Redis: three ways, each of
// which speaks as Socket.IO's own adapter of that kind does, so that servers of Node.js may be
// among them. All servers of an application must use the same way.
//
//   net::EventLoop loop;
//   Server server(loop, ...);
//   events::SocketServer io(server, {.adapter = cluster::redis_pubsub(loop, "redis://127.0.0.1")});
//
// Each of these makes a factory for one SocketServer, with connections of its own that all
// namespaces share and that are made again when they are lost. With several loops in one process
// each loop is a server of its own to the others.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "duplex/codec/json.h"
#include "duplex/events/adapter.h"
#include "duplex/net/event_loop.h"
#include "duplex/redis/client.h"

namespace duplex::cluster {

struct RedisOptions {
  // What the names of channels and of the stream begin with: the same for all servers. Not the keys
  // of lost clients, which are sio:session:<secret> whatever this is, as Node.js has them when its
  // sessionKeyPrefix is left alone.
  std::string prefix = "socket.io";
  redis::ClientOptions client = {};
  // Of one message from another server; what breaks them is dropped. Within max_depth is what
  // clients and applications say: what servers put around it is not counted.
  codec::JsonLimits message = {};
  // What went wrong: a connection that was lost, what Redis refuses, a message that makes no sense.
  // Called in a turn of its own: it may do anything, emit and destroy the server too.
  std::function<void(std::string_view what)> on_error = {};
};

// Publish and subscribe, as @socket.io/redis-adapter 8: what others publish while this server has
// no connection is lost to it, and so is what Redis has not handed over when it ends. What this
// server publishes meanwhile waits within RedisOptions::client's limits, and comes late. Emitters
// in many languages speak it. Redis 3 or later. Throws std::invalid_argument for a URL that is
// none, as redis::Client does; so do the others.
events::AdapterFactory redis_pubsub(net::EventLoop& loop, std::string_view url,
                                    RedisOptions options = {});

// The same on sharded channels, as createShardedAdapter() of @socket.io/redis-adapter 8: a room has
// a channel of its own, which only servers listen to that have somebody in it. Servers of Node.js
// must have their subscriptionMode "dynamic", which is what they have by default. Redis 7 or later;
// one server of it, not a Redis Cluster.
events::AdapterFactory redis_sharded(net::EventLoop& loop, std::string_view url,
                                     RedisOptions options = {});

struct StreamOptions {
  // Entries that Redis keeps, about: so many events may pass until a client that comes again, or a
  // server whose connection was lost, has missed too much.
  std::size_t max_length = 10'000;
  std::size_t max_pending = 10'000;  // events that wait for Redis; more are for this server alone
  std::chrono::milliseconds read_timeout = std::chrono::seconds(5);  // XREAD's BLOCK
  // 1 to 64, as the servers of Node.js have their streamCount. Each namespace has one of them, by a
  // hash of its name. Where that is negative, those of Node.js write to streams that they do not
  // read themselves ("socket.io--3"): servers here read them, too, each with a connection, so that
  // two streams cost three connections, and four seven. With 1 nothing of this arises.
  std::size_t stream_count = 1;
};

// A stream, as @socket.io/redis-streams-adapter 0.3: nothing is lost when connections or Redis are,
// as long as Redis keeps its stream, and every event has one place in one order for all servers.
// Clients may come again on any server (SocketServerOptions::recovery). Events reach this server's
// own clients when Redis has them. Requests between servers go by publish and subscribe. Redis 6.2
// or later. Throws std::invalid_argument for a stream_count out of its bounds, too.
events::AdapterFactory redis_streams(net::EventLoop& loop, std::string_view url,
                                     RedisOptions options = {}, StreamOptions stream = {});

}  // namespace duplex::cluster
