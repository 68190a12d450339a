// The inside of a Client: the peers, and where masking keys come from.
#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "base/slot_map.h"
#include "duplex/endpoint/client.h"
#include "duplex/endpoint/server.h"
#include "duplex/http/limits.h"
#include "duplex/websocket/permessage_deflate.h"
#include "endpoint/peer.h"
#include "net/reactor.h"

namespace duplex::endpoint {

// Masking keys from the system's random source (RFC 6455 section 10.3), fetched in batches.
class RandomMaskingKeys final : public websocket::MaskingKeySource {
 public:
  explicit RandomMaskingKeys(net::Kernel& kernel) noexcept : kernel_(kernel) {}
  websocket::MaskingKey next_masking_key() override;

 private:
  static constexpr std::size_t batch_size = 1024;  // bytes

  net::Kernel& kernel_;
  std::array<std::byte, batch_size> batch_ = {};
  std::size_t used_ = batch_size;
};

// Owner: a Client; after that the dying list of the loop, so that a handler may destroy its client.
class Client::Impl final : public PeerHost, private net::Mortal {
 public:
  Impl(net::EventLoop& loop, ClientOptions options);

  ConnectionId connect(std::string_view url, ClientHandlers handlers, ConnectOptions options);
  Phase* find_phase(ConnectionId id) noexcept;
  bool send(ConnectionId id, Message message);
  std::size_t connection_count() const noexcept { return peers_.size(); }
  // Drops everything without a word; the loop destroys this at the end of its turn.
  void abandon() noexcept;

  const ClientOptions& options() const noexcept { return options_; }
  const http::ParserLimits& parser_limits() const noexcept { return parser_limits_; }
  RandomMaskingKeys& masking_keys() noexcept { return masking_keys_; }
  websocket::DeflateWorkshop& workshop() noexcept { return workshop_; }

  void erase(Peer& peer) noexcept override;

 private:
  void destroy() override;

  net::EventLoop& loop_;
  ClientOptions options_;
  http::ParserLimits parser_limits_;
  RandomMaskingKeys masking_keys_;
  websocket::DeflateWorkshop workshop_;
  SlotMap<Peer> peers_;
  std::shared_ptr<Impl*> self_;  // null once abandoned: for tasks posted by other threads
};

}  // namespace duplex::endpoint
