// A Socket.IO server and clients that speak its packets by hand; see socket_world.h.
#include "socket_world.h"

#include <utility>

namespace duplex::support {

using std::chrono::milliseconds;

Peer::Peer(SimulatedServer& world, Client& client, const std::string& target)
    : world_(world), client_(client) {
  ClientHandlers handlers;
  handlers.websocket.on_message = [state = state_](Connection& connection, Message message) {
    if (message.text() == "2") {
      connection.send_text("3");
    } else {
      state->heard.emplace_back(message.text());
    }
  };
  handlers.websocket.on_close = [state = state_](Connection&, const CloseEvent&) {
    state->closed = true;
  };
  id_ = client.connect("ws://127.0.0.1:80" + target, std::move(handlers));
  world_.runner.run_for(milliseconds(10));
  const Texts opening = take();
  const std::size_t at = opening.empty() ? std::string::npos : opening[0].find(R"("sid":")");
  if (at != std::string::npos) sid_ = opening[0].substr(at + 7, 20);
  if (opening.size() > 1) state_->heard.assign(opening.begin() + 1, opening.end());
}

Peer& Peer::say(std::string_view packet) {
  if (Connection* const connection = client_.find(id_)) connection->send_text(packet);
  world_.runner.run_for(milliseconds(5));
  return *this;
}

Peer& Peer::say_bytes(std::string_view bytes) {
  if (Connection* const connection = client_.find(id_)) {
    connection->send_binary(as_bytes(bytes));
  }
  world_.runner.run_for(milliseconds(5));
  return *this;
}

void Peer::leave() {
  if (Connection* const connection = client_.find(id_)) connection->abort();
  world_.runner.run_for(milliseconds(5));
}

std::string Peer::join(const std::string& nsp, const std::string& auth) {
  take();
  say("40" + (nsp == "/" ? auth : nsp + "," + auth));
  const Texts heard = take();
  const std::size_t at = heard.empty() ? std::string::npos : heard[0].find(R"({"sid":")");
  return at == std::string::npos ? std::string() : heard[0].substr(at + 8, 20);
}

Texts Peer::take() { return std::exchange(state_->heard, {}); }

}  // namespace duplex::support
