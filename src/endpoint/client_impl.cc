// The inside of a Client; see client_impl.h.
#include "endpoint/client_impl.h"

#include <cstring>
#include <system_error>
#include <utility>

#include "endpoint/opening_phase.h"
#include "websocket/deflate_problem.h"

namespace duplex::endpoint {
namespace {

SlotId slot_id(ConnectionId id) noexcept { return {id.slot, id.generation}; }

std::optional<std::string> problem_with(const std::optional<websocket::DeflateOptions>& deflate) {
  return deflate ? websocket::problem_with(*deflate) : std::nullopt;
}

}  // namespace

websocket::MaskingKey RandomMaskingKeys::next_masking_key() {
  if (used_ == batch_size) {
    const int result = kernel_.random(batch_);
    // A key that can be guessed is worse than none (section 10.3): the connection fails instead.
    if (result < 0) throw std::system_error(-result, std::system_category(), "masking key");
    used_ = 0;
  }
  websocket::MaskingKey key;
  std::memcpy(key.data(), batch_.data() + used_, key.size());
  used_ += key.size();
  return key;
}

Client::Impl::Impl(net::EventLoop& loop, ClientOptions options)
    : PeerHost(loop.reactor()),
      loop_(loop),
      options_(options),
      parser_limits_({.max_head_size = options_.max_head_size}),
      masking_keys_(reactor().kernel()),
      self_(std::make_shared<Impl*>(this)) {}

ConnectionId Client::Impl::connect(std::string_view url, ClientHandlers handlers,
                                   ConnectOptions options) {
  auto parsed = http::parse_url(url);
  std::string failure;
  if (!parsed) {
    failure = std::string(url) + ": " + std::string(http::describe(parsed.error()));
  } else if (!parsed->is_websocket()) {
    failure = std::string(url) + ": not a ws: or ws+unix: URL";
  } else if (const auto problem = problem_with(options.deflate)) {
    failure = "deflate: " + *problem;
  }
  const SlotId slot = peers_.emplace(*this);
  Peer& peer = *peers_.find(slot);
  const ConnectionId id{slot.slot, slot.generation};
  peer.set_id(id);
  try {
    peer.start(std::make_unique<OpeningPhase>(
        peer, *this, parsed ? *std::move(parsed) : http::Url(), std::move(handlers),
        std::move(options), std::move(failure)));
  } catch (...) {
    peers_.erase(slot);
    throw;
  }
  return id;
}

void Client::Impl::erase(Peer& peer) noexcept { peers_.erase(slot_id(peer.id())); }

Phase* Client::Impl::find_phase(ConnectionId id) noexcept {
  Peer* peer = peers_.find(slot_id(id));
  return peer == nullptr || peer->is_dead() ? nullptr : peer->phase();
}

bool Client::Impl::send(ConnectionId id, Message message) {
  std::vector<std::byte> copy(message.payload.begin(), message.payload.end());
  message.payload = {};
  return loop_.post([self = self_, id, message, copy = std::move(copy)] {
    if (*self == nullptr) return;
    Phase* phase = (*self)->find_phase(id);
    Connection* connection = phase == nullptr ? nullptr : phase->as_connection();
    Message sent = message;
    sent.payload = copy;
    if (connection != nullptr) connection->send(sent);
  });
}

void Client::Impl::abandon() noexcept {
  *self_ = nullptr;
  for (Peer& peer : peers_) {
    peer.mute();
    peer.drop();
  }
  reactor().bury(*this);
}

void Client::Impl::destroy() { delete this; }

}  // namespace duplex::endpoint
