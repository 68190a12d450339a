// The feed as events of Socket.IO; see socket_feed.h.
#include "socket_feed.h"

#include <string_view>
#include <utility>

#include "../feed_event.h"

namespace duplex::tools {
namespace {

constexpr std::string_view event = "event";
// Bytes of what was before that wait for one of them, beyond one piece.
constexpr std::size_t high_water = std::size_t{64} << 10;
constexpr std::string_view live = "live";  // the room of those who hear events as they come

// Without recovery: events carry nothing but themselves.
socketio::ServerOptions options_for(std::shared_ptr<socketio::SessionLoops> loops) {
  socketio::ServerOptions options;
  options.engine.loops = std::move(loops);
  options.engine.high_water = high_water;
  options.path = "/feed/socket.io/";
  options.engine.cors = {{.origins = {"*"}}};  // it tells nobody's secrets
  return options;
}

// What its client has heard already, if it says so.
std::optional<std::uint64_t> after_of(const socketio::Socket& socket) {
  const codec::JsonValue* const after = socket.handshake().auth.find("after");
  const auto id = after == nullptr ? std::nullopt : after->integer();
  if (!id || *id < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*id);
}

}  // namespace

SocketFeed::SocketFeed(Server& server, Feed& feed, std::shared_ptr<socketio::SessionLoops> loops)
    : feed_(feed), io_(server, options_for(std::move(loops))) {
  io_.on_connection([this](socketio::Socket& socket) { welcome(socket); });
  feed.on_push([this](std::string_view lines) {
    io_.to(live).emit(event, lines.substr(0, lines.size() - 1));
  });
}

void SocketFeed::welcome(socketio::Socket& socket) {
  const auto after = after_of(socket);
  if (!after) return socket.join(live);
  const auto heard = std::make_shared<Heard>(Heard{.last = *after});
  socket.on_drain([this, heard](socketio::Socket& drained) { go_on(drained, *heard); });
  go_on(socket, *heard);
}

// Up to what has been pushed; the rest it hears as everybody does. Whoever is so late that what
// comes next is no longer kept is disconnected.
void SocketFeed::go_on(socketio::Socket& socket, Heard& heard) {
  if (socket.is_in(live)) return;
  while (socket.queued_bytes() <= high_water) {
    const std::string lines = feed_.pushed_after(heard.last);
    if (lines.empty()) return socket.join(live);
    const auto next = decode_event(std::string_view(lines).substr(0, lines.find('\n')));
    if (heard.begun && next->id != heard.last + 1) return socket.disconnect();
    heard.begun = true;
    for_each_line(lines, [&](std::string_view line) {
      socket.emit(event, line);
      if (const auto told = decode_event(line)) heard.last = told->id;
    });
  }
}

}  // namespace duplex::tools
