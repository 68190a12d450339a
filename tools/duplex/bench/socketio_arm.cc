// Clients of Socket.IO; see socketio_arm.h.
#include "socketio_arm.h"

#include <algorithm>
#include <string>

namespace duplex::tools {
namespace {

using engineio::Transport;

socketio::ClientOptions options_of(measure::Transport transport) {
  socketio::ClientOptions options;
  options.path = "/feed/socket.io/";
  options.reconnect = false;
  if (transport == measure::Transport::socketio_websocket) {
    options.engine.transports = {Transport::websocket};
  } else if (transport == measure::Transport::socketio_polling) {
    options.engine.transports = {Transport::polling};
  }
  return options;
}

// The newest event at once, and then all that follow, as any client that is pushed to.
socketio::Json auth_of(const ArmSettings& settings) {
  if (settings.newest == 0) return {};
  return codec::JsonObject{{"after", settings.newest - 1}};
}

}  // namespace

SocketIoArm::SocketIoArm(measure::Transport transport, EventLoop& loop, const ArmSettings& settings,
                         ArmHandlers handlers)
    : Arm(std::move(handlers)), transport_(transport), loop_(loop) {
  for (std::size_t i = 0; i < settings.client_count; ++i) connect(i, settings);
}

void SocketIoArm::connect(std::size_t index, const ArmSettings& settings) {
  clients_.push_back(
      std::make_unique<socketio::Client>(loop_, "http://" + settings.http, options_of(transport_)));
  socketio::ClientSocket& socket = clients_.back()->of("/", {.auth = auth_of(settings)});
  socket.on("event", [this, index](std::string_view lines) {
    handlers_.deliver(index, lines, loop_.kernel().now());
  });
  socket.on_connect_error([this](auto&, const socketio::ConnectError& error) {
    handlers_.fail("Socket.IO: " + error.message +
                   "; does the server speak it? `duplex serve` needs --socketio");
  });
  socket.on_disconnect([this](auto&, const socketio::ClientDisconnect&) {
    handlers_.fail("the server closed a connection of Socket.IO");
  });
}

std::size_t SocketIoArm::ready_count() const noexcept {
  const auto wanted = transport_ == measure::Transport::socketio_polling ? Transport::polling
                                                                         : Transport::websocket;
  const auto is_ready = [wanted](const std::unique_ptr<socketio::Client>& client) {
    return client->of("/").connected() && client->transport() == wanted;
  };
  return static_cast<std::size_t>(std::ranges::count_if(clients_, is_ready));
}

}  // namespace duplex::tools
