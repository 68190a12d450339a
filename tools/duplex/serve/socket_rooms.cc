// Socket.IO of `duplex serve`; see socket_rooms.h.
#include "socket_rooms.h"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "../command.h"
#include "duplex/cluster/redis.h"
#include "line_limit.h"

namespace duplex::tools {
namespace {

using socketio::Ack;
using socketio::AckReply;
using socketio::Event;
using socketio::Namespace;
using socketio::Socket;
using socketio::Values;

void echo(Socket& socket, Values values, const Ack& ack) {
  if (ack) return ack.answer({values.begin(), values.end()});
  Event event = socketio::make_event("echo");
  event.values.insert(event.values.end(), values.begin(), values.end());
  socket.send(std::move(event));
}

constexpr std::string_view how_many = "how many";  // is asked of the other servers

// fetch_sockets() would tell who they are, too: that costs far more than a client pays for asking.
void count_sockets(Namespace& nsp, const std::string& room, const Ack& ack) {
  nsp.server_side_emit(how_many, room, [ack, here = nsp.room_size(room)](AckReply& others) {
    auto count = static_cast<std::int64_t>(here);
    constexpr std::int64_t most = 1'000'000'000;  // of one server; others say what they like
    for (const socketio::Json& there : others.values) {
      count += std::clamp<std::int64_t>(there.integer().value_or(0), 0, most);
    }
    ack(count);
  });
}

void add_chat(Namespace& nsp) {
  nsp.on_server_side(how_many,
                     [&nsp](const std::string& room, const Ack& ack) { ack(nsp.room_size(room)); });
  nsp.on("join", [](Socket& socket, const std::string& room, const Ack& ack) {
    try {
      socket.join(room);
    } catch (const std::length_error& error) {
      return socket.emit("refused", "join", error.what());
    }
    if (ack) count_sockets(socket.nsp(), room, ack);
  });
  nsp.on("leave", [](Socket& socket, const std::string& room, const Ack& ack) {
    socket.leave(room);
    ack();
  });
  nsp.on("chat",
         [](Socket& socket, const std::string& room, const std::string& text, const Ack& ack) {
           socket.to(room).emit("chat", room, socket.id(), text);
           ack();
         });
}

void add_handlers(Namespace& nsp) {
  nsp.on("echo", echo);
  add_chat(nsp);
  nsp.on_error([](Socket& socket, std::string_view event, std::string_view why) {
    socket.emit("refused", event, why);
  });
}

socketio::AdapterFactory adapter(Server& server, const SocketCluster& cluster) {
  if (cluster.redis.empty()) return cluster.is_alone ? nullptr : cluster.group.adapter();
  EventLoop& loop = server.loop();
  const cluster::RedisOptions options = {
      .on_error = [&loop, limit = std::make_shared<LineLimit>()](std::string_view what) {
        const std::string text = limit->admit("redis: " + std::string(what), loop.now());
        if (!text.empty()) complain(text);
      }};
  if (cluster.adapter == "streams") return cluster::redis_streams(loop, cluster.redis, options);
  if (cluster.adapter == "sharded") return cluster::redis_sharded(loop, cluster.redis, options);
  return cluster::redis_pubsub(loop, cluster.redis, options);
}

socketio::ServerOptions options_for(Server& server, const SocketCluster& cluster) {
  socketio::ServerOptions options;
  options.engine.loops = cluster.loops;
  options.adapter = adapter(server, cluster);
  options.engine.cors = {{.origins = {"*"}}};  // it tells nobody's secrets
  options.recovery.emplace();
  // Who joins a room waits so long for servers that do not know the question, as those of Node.js.
  options.request_timeout = std::chrono::milliseconds(500);
  return options;
}

}  // namespace

SocketRooms::SocketRooms(Server& server, const SocketCluster& cluster)
    : io_(server, options_for(server, cluster)) {
  add_handlers(io_.of("/"));
  add_handlers(io_.of("/chat"));
}

}  // namespace duplex::tools
