// The feed as events of Socket.IO; see socket_feed.h.
#include "socket_feed.h"

#include <string_view>
#include <utility>

#include "../feed_event.h"

namespace duplex::tools {
namespace {

constexpr std::string_view event = "event";

// Without recovery: events carry nothing but themselves.
socketio::ServerOptions options_for(std::shared_ptr<socketio::SessionLoops> loops) {
  socketio::ServerOptions options;
  options.engine.loops = std::move(loops);
  options.path = "/feed/socket.io/";
  options.engine.cors = {{.origins = {"*"}}};  // it tells nobody's secrets
  return options;
}

// What was pushed before it came; the rest it hears as everybody does.
void catch_up(const Feed& feed, socketio::Socket& socket) {
  const codec::JsonValue* const after = socket.handshake().auth.find("after");
  const auto id = after == nullptr ? std::nullopt : after->integer();
  if (!id || *id < 0) return;
  for_each_line(feed.pushed_after(static_cast<std::uint64_t>(*id)),
                [&socket](std::string_view line) { socket.emit(event, line); });
}

}  // namespace

SocketFeed::SocketFeed(Server& server, Feed& feed, std::shared_ptr<socketio::SessionLoops> loops)
    : io_(server, options_for(std::move(loops))) {
  io_.on_connection([&feed](socketio::Socket& socket) { catch_up(feed, socket); });
  feed.on_push(
      [this](std::string_view lines) { io_.emit(event, lines.substr(0, lines.size() - 1)); });
}

}  // namespace duplex::tools
