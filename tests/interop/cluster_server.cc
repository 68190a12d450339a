// A Socket.IO server among others, some of Node.js, joined by a Redis; node.js in cluster/ is its
// like. Does what its clients ask for ("do"), prints its port, and ends with its stdin.
//
//   interop_cluster_server pubsub|sharded|streams REDIS_URL NAMESPACE STREAMS
#include <duplex/cluster/redis.h>
#include <duplex/duplex.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <thread>

namespace {

using duplex::socketio::Ack;
using duplex::socketio::AckReply;
using duplex::socketio::Emitter;
using duplex::socketio::Json;
using duplex::socketio::JsonArray;
using duplex::socketio::Socket;

struct Call {
  Socket& socket;
  std::string room;
  Json value;
  Ack ack;

  Emitter in_room() const { return socket.nsp().to(room); }
  Emitter everybody() const { return socket.nsp().everybody(); }
};

// [status, values]: 0 is answered, 1 timed out.
auto tell(const Ack& ack) {
  return [ack](AckReply& reply) {
    ack(JsonArray{static_cast<int>(reply.status), std::move(reply.values)});
  };
}

void fetch(const Call& call) {
  const auto emitter = call.room.empty() ? call.everybody() : call.in_room();
  emitter.fetch_sockets([ack = call.ack](const duplex::socketio::FetchedSockets& fetched) {
    JsonArray all;
    for (const auto& socket : fetched.sockets) {
      all.push_back(JsonArray{socket.id, duplex::socketio::to_json(socket.rooms), socket.data});
    }
    ack(std::move(all));
  });
}

using Action = void (*)(const Call& call);
const std::map<std::string, Action> actions = {
    {"join", [](const Call& call) { call.socket.join(call.room), call.ack("ok"); }},
    {"hold", [](const Call& call) { call.socket.data() = call.value, call.ack("ok"); }},
    {"room", [](const Call& call) { call.in_room().emit("said", call.value); }},
    {"all", [](const Call& call) { call.everybody().emit("said", call.value); }},
    {"others", [](const Call& call) { call.socket.broadcast().emit("said", call.value); }},
    {"except",
     [](const Call& call) { call.everybody().except(call.room).emit("said", call.value); }},
    {"local", [](const Call& call) { call.everybody().local().emit("said", call.value); }},
    {"ask",
     [](const Call& call) {
       const auto patience = std::chrono::milliseconds(call.value.integer().value_or(3000));
       call.in_room().timeout(patience).emit("question", tell(call.ack));
     }},
    {"fetch", fetch},
    {"move", [](const Call& call) { call.in_room().sockets_join(*call.value.text()); }},
    {"leave", [](const Call& call) { call.in_room().sockets_leave(*call.value.text()); }},
    {"kick", [](const Call& call) { call.in_room().disconnect_sockets(); }},
    {"servers", [](const Call& call) {
       call.socket.nsp().server_side_emit("who", call.value, tell(call.ack));
     }}};

void serve(Socket& socket) {
  socket.emit("welcome", socket.recovered());
  socket.on("do", [&socket](const std::string& what, const std::string& room, const Json& value,
                            const Ack& ack) {
    const auto found = actions.find(what);
    if (found != actions.end()) found->second({socket, room, value, ack});
  });
}

duplex::events::AdapterFactory adapter(duplex::EventLoop& loop, const std::string& kind,
                                       const std::string& url, std::size_t streams) {
  duplex::cluster::RedisOptions options;
  options.on_error = [](std::string_view what) {
    std::fprintf(stderr, "%.*s\n", static_cast<int>(what.size()), what.data());
  };
  if (kind == "pubsub") return duplex::cluster::redis_pubsub(loop, url, options);
  if (kind == "sharded") return duplex::cluster::redis_sharded(loop, url, options);
  return duplex::cluster::redis_streams(loop, url, options, {.stream_count = streams});
}

}  // namespace

int main(int count, char** words) {
  if (count != 5) return 2;
  duplex::EventLoop loop;
  duplex::Server server(loop);
  duplex::socketio::ServerOptions options;
  options.adapter = adapter(loop, words[1], words[2], std::stoul(words[4]));
  options.request_timeout = std::chrono::seconds(2);
  if (std::string(words[1]) == "streams") options.recovery.emplace();
  duplex::socketio::Server io(server, options);
  auto& nsp = io.of(words[3]);
  nsp.on_connection(serve);
  nsp.on_server_side("who", [](const Json& text, const Ack& ack) {
    if (ack) ack("duplex heard " + (text.text() == nullptr ? "?" : *text.text()));
  });
  std::printf("%u\n", static_cast<unsigned>(server.port()));
  std::fflush(stdout);
  const std::jthread input([&loop] {
    while (std::getchar() != EOF) {
    }
    loop.stop();
  });
  loop.run();
}
