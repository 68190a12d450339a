// The inside of a Server: the peers, the routes, the topics and the listener.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/slot_map.h"
#include "duplex/endpoint/server.h"
#include "duplex/http/limits.h"
#include "duplex/http/router.h"
#include "endpoint/client_addresses.h"
#include "endpoint/handover.h"
#include "endpoint/peer.h"
#include "endpoint/static_files.h"
#include "endpoint/topics.h"
#include "endpoint/web_socket_phase.h"
#include "http/served_hosts.h"
#include "net/listener.h"

namespace duplex::endpoint {

// Owner: a Server; after that the dying list of the loop, so that a handler may destroy its server.
class Server::Impl final : public PeerHost,
                           private net::ListenerOwner,
                           private net::Timer,
                           private net::Mortal {
 public:
  Impl(net::EventLoop& loop, ServerOptions options);
  ~Impl() override;

  // --- For the Server ---------------------------------------------------------------------------
  void add_websocket(std::string_view path, WebSocketHandlers handlers, WebSocketOptions options);
  void add_route(std::string_view method, std::string_view path, ExchangeHandler handler);
  void add_files(std::string_view prefix, const std::string& directory);
  Phase* find_phase(ConnectionId id) noexcept;
  Entrance entrance();
  void add_redirect(Redirect where) { redirects_.push_back(std::move(where)); }
  void take_over(Handover handover);
  bool send(ConnectionId id, Message message);
  std::size_t broadcast(Message message);
  std::size_t publish(std::string_view topic, Message message, ConnectionId except);
  void stop(std::function<void()> stopped);
  // Drops everything without a word; the loop destroys this at the end of its turn.
  void abandon() noexcept;

  const net::Listener& listener() const noexcept { return listener_; }
  const Topics& topics() const noexcept { return topics_; }
  const ServerStats& stats() noexcept;
  net::EventLoop& loop() noexcept { return loop_; }

  // --- For the phases ---------------------------------------------------------------------------
  const ServerOptions& options() const noexcept { return options_; }
  const http::ParserLimits& parser_limits() const noexcept { return parser_limits_; }
  bool serves(const http::Request& request) const noexcept {
    return hosts_.include(request.fields);
  }
  bool stopping() const noexcept { return stopping_; }
  const http::Router<ExchangeHandler>& routes() const noexcept { return routes_; }
  const http::Router<const WebSocketRoute*>& websocket_routes() const noexcept {
    return websocket_routes_;
  }
  // The Date field of now, RFC 9110 section 6.6.1; formatted once a second.
  std::string_view date();

  // Where a request belongs: on another loop, or nothing.
  std::optional<Entrance> place_of(const http::Request& request);
  void hand_over(Peer& peer, std::string unread, const Entrance& where);

  // What a proxy says: in a PROXY header, and in each request.
  void note_proxied(const Peer& peer, const std::optional<http::IpEndpoint>& client) noexcept {
    clients_.note_proxied(peer.id(), client);
  }
  void note_request(const Peer& peer, const http::Request& request) noexcept {
    clients_.note_request(peer.id(), request.fields);
  }

  net::Address address_of(Peer& peer) override;
  void erase(Peer& peer) noexcept override;

 private:
  void on_accept(int fd, const net::Address& peer) override;
  bool has_room() noexcept;
  Peer& add_peer(const std::function<void(Peer&)>& start);
  void start_peer(Peer& peer, const net::Address& address);
  void on_timer() override;
  void destroy() override;
  void tell_stopped();

  net::EventLoop& loop_;
  ServerOptions options_;
  http::ParserLimits parser_limits_;
  http::ServedHosts hosts_;
  ClientAddresses clients_;
  Topics topics_;
  websocket::DeflateWorkshop workshop_;
  std::deque<WebSocketRoute> websocket_storage_;  // stable: connections refer to their route
  std::deque<StaticFiles> static_files_;
  std::deque<Redirect> redirects_;  // stable: one that runs may add others
  http::Router<ExchangeHandler> routes_;
  http::Router<const WebSocketRoute*> websocket_routes_;
  SlotMap<Peer> peers_;
  net::Listener listener_;
  std::shared_ptr<Impl*> self_;  // null once abandoned: for tasks posted by other threads
  std::function<void()> stopped_;
  std::string date_;
  std::int64_t date_second_ = -1;
  std::uint64_t refused_ = 0;  // over max_connections, or while it stops
  bool stopping_ = false;
};

}  // namespace duplex::endpoint
