// The inside of a Server; see server_impl.h.
#include "endpoint/server_impl.h"

#include <stdexcept>
#include <utility>

#include "base/later.h"
#include "duplex/http/date.h"
#include "endpoint/http_phase.h"
#include "endpoint/proxy_header_phase.h"
#include "websocket/deflate_problem.h"

namespace duplex::endpoint {
namespace {

void check_keep_alive(std::string_view name, std::int64_t value, std::int64_t most) {
  if (value >= 1 && value <= most) return;
  throw std::invalid_argument("keep_alive." + std::string(name) + " is " + std::to_string(value) +
                              ", and must be 1 to " + std::to_string(most));
}

// The bounds are Linux's: include/net/tcp.h.
void check_keep_alive(const net::KeepAlive& options) {
  if (options.idle.count() == 0) return;
  check_keep_alive("idle", options.idle.count(), 32767);
  check_keep_alive("interval", options.interval.count(), 32767);
  check_keep_alive("count", options.count, 127);
}

net::ListenerOptions listener_options(const ServerOptions& options) {
  check_keep_alive(options.keep_alive);
  return {.host = options.host,
          .port = options.port,
          .unix_path = options.unix_path,
          .reuse_port = options.reuse_port,
          .backlog = options.backlog,
          .max_accepts_per_turn = options.max_accepts_per_turn,
          .user_timeout = options.user_timeout,
          .keep_alive = options.keep_alive};
}

http::ParserLimits limits_for_parser(const HttpLimits& limits) {
  return {.max_target_size = limits.max_target_size,
          .max_head_size = limits.max_head_size,
          .max_field_count = limits.max_field_count,
          .max_body_size = limits.max_body_size};
}

http::ServedHosts served_hosts(const std::vector<std::string>& hosts) {
  http::ServedHosts served;
  for (const std::string& host : hosts) {
    if (!served.add(host)) {
      throw std::invalid_argument("hosts: '" + host + "' is not a host without a port");
    }
  }
  return served;
}

void check_pattern(bool added, std::string_view pattern) {
  if (!added) throw std::invalid_argument("malformed route: " + std::string(pattern));
}

void check_deflate(const std::optional<websocket::DeflateOptions>& deflate, std::string_view path) {
  const auto problem = deflate ? websocket::problem_with(*deflate) : std::nullopt;
  if (problem) throw std::invalid_argument("deflate of " + std::string(path) + ": " + *problem);
}

ConnectionId connection_id(SlotId id) noexcept { return {id.slot, id.generation}; }
SlotId slot_id(ConnectionId id) noexcept { return {id.slot, id.generation}; }

}  // namespace

Server::Impl::Impl(net::EventLoop& loop, ServerOptions options)
    : PeerHost(loop.reactor()),
      loop_(loop),
      options_(std::move(options)),
      parser_limits_(limits_for_parser(options_.http)),
      hosts_(served_hosts(options_.hosts)),
      clients_(options_),
      listener_(reactor(), *this, listener_options(options_)),
      self_(std::make_shared<Impl*>(this)) {}

Server::Impl::~Impl() { reactor().disarm_fairly(*this); }

// --- Routes --------------------------------------------------------------------------------------

void Server::Impl::add_websocket(std::string_view path, WebSocketHandlers handlers,
                                 WebSocketOptions options) {
  check_deflate(options.deflate, path);
  WebSocketRoute& route = websocket_storage_.emplace_back();
  route.handlers = std::move(handlers);
  route.options = std::move(options);
  route.protocol = route.options.protocol ? *route.options.protocol : options_.websocket;
  if (route.options.deliver_fragments) route.protocol.deliver_fragments = true;
  route.max_events_per_turn = options_.max_events_per_turn;
  route.max_inflated_per_turn = options_.max_inflated_per_turn;
  route.linger_timeout = options_.http.linger_timeout;
  route.max_linger_size = options_.http.max_linger_size;
  route.topics = &topics_;
  route.workshop = &workshop_;
  check_pattern(websocket_routes_.add("GET", path, &route), path);
}

void Server::Impl::add_route(std::string_view method, std::string_view path,
                             ExchangeHandler handler) {
  check_pattern(routes_.add(method, path, std::move(handler)), path);
}

void Server::Impl::add_files(std::string_view prefix, const std::string& directory) {
  const StaticFiles& files = static_files_.emplace_back(reactor().kernel(), directory);
  std::string pattern(prefix);
  if (!pattern.ends_with('/')) pattern += '/';
  pattern += "{path...}";
  add_route("GET", pattern,
            [&files](Exchange& exchange) { files.answer(static_cast<HttpPhase&>(exchange)); });
}

// --- Peers ---------------------------------------------------------------------------------------

bool Server::Impl::has_room() noexcept {
  if (!stopping_ && peers_.size() < options_.max_connections) return true;
  ++refused_;
  return false;
}

Peer& Server::Impl::add_peer(const std::function<void(Peer&)>& start) {
  const SlotId id = peers_.emplace(*this);
  Peer& peer = *peers_.find(id);
  peer.set_id(connection_id(id));
  try {
    start(peer);
  } catch (...) {
    clients_.forget(peer.id());
    peers_.erase(id);
    throw;  // whoever has the descriptor closes it
  }
  return peer;
}

void Server::Impl::on_accept(int fd, const net::Address& address) {
  if (!has_room()) return static_cast<void>(reactor().kernel().close(fd));
  Peer& peer = add_peer([&](Peer& added) { start_peer(added, address); });
  ++counters().accepted;
  peer.adopt(fd);
}

void Server::Impl::start_peer(Peer& peer, const net::Address& address) {
  const bool is_proxy = clients_.note_peer(peer.id(), address);
  if (is_proxy && options_.proxy_protocol) {
    return peer.start(std::make_unique<ProxyHeaderPhase>(peer, *this));
  }
  peer.start(std::make_unique<HttpPhase>(peer, *this));
}

net::Address Server::Impl::address_of(Peer& peer) {
  const auto client = clients_.find(peer.id());
  return client ? *client : PeerHost::address_of(peer);
}

void Server::Impl::erase(Peer& peer) noexcept {
  clients_.forget(peer.id());
  peers_.erase(slot_id(peer.id()));
  listener_.resume();  // a descriptor and memory have become free
  if (stopping_ && peers_.empty()) tell_stopped();
}

Phase* Server::Impl::find_phase(ConnectionId id) noexcept {
  Peer* peer = peers_.find(slot_id(id));
  return peer == nullptr || peer->is_dead() ? nullptr : peer->phase();
}

const ServerStats& Server::Impl::stats() noexcept {
  counters().connections = peers_.size();
  counters().refused = refused_ + listener_.stats().refused;
  counters().queued_bytes = 0;
  for (Peer& peer : peers_) counters().queued_bytes += peer.stream().queue().size();
  return counters();
}

// --- From loop to loop ---------------------------------------------------------------------------

Entrance Server::Impl::entrance() {
  return Entrance(std::make_shared<const Entrance::Impl>(loop_, self_));
}

std::optional<Entrance> Server::Impl::place_of(const http::Request& request) {
  std::optional<Entrance> place;
  for (std::size_t i = 0; i < redirects_.size() && !place; ++i) {
    call([&] { place = redirects_[i](request); });
  }
  return place;
}

void Server::Impl::hand_over(Peer& peer, std::string unread, const Entrance& where) {
  const net::Address address = PeerHost::address_of(peer);
  const auto proxied = clients_.proxied(peer.id());
  where.impl().take({.socket = net::Descriptor(reactor().kernel(), peer.stream().release()),
                     .peer = address,
                     .proxied = proxied,
                     .unread = std::move(unread)},
                    reactor().kernel());
  peer.drop();
}

void Server::Impl::take_over(Handover handover) {
  if (!has_room()) return;
  Peer& peer = add_peer([&](Peer& added) {
    clients_.note_peer(added.id(), handover.peer);
    clients_.note_proxied(added.id(), handover.proxied);
    added.start(std::make_unique<HttpPhase>(added, *this));
  });
  peer.adopt(handover.socket.release(), as_bytes(handover.unread));
}

// --- Messages from outside a handler -------------------------------------------------------------

bool Server::Impl::send(ConnectionId id, Message message) {
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

std::size_t Server::Impl::broadcast(Message message) {
  Broadcast broadcast(message, workshop_);
  std::size_t count = 0;
  for (Peer& peer : peers_) {
    Connection* connection = peer.is_dead() ? nullptr : peer.phase()->as_connection();
    if (connection == nullptr) continue;
    auto& phase = static_cast<WebSocketPhase&>(*connection);
    if (phase.send_broadcast(broadcast) != SendStatus::refused) ++count;
  }
  return count;
}

std::size_t Server::Impl::publish(std::string_view topic, Message message, ConnectionId except) {
  if (topics_.subscriber_count(topic) == 0) return 0;
  Broadcast broadcast(message, workshop_);
  std::size_t count = 0;
  topics_.for_each(topic, [&](Subscriber& subscriber) {
    auto& phase = static_cast<WebSocketPhase&>(subscriber);
    if (phase.peer().id() == except || phase.peer().is_dead()) return;
    if (phase.send_broadcast(broadcast) != SendStatus::refused) ++count;
  });
  return count;
}

// --- The end -------------------------------------------------------------------------------------

void Server::Impl::stop(std::function<void()> stopped) {
  if (stopped) stopped_ = std::move(stopped);
  listener_.close();
  const bool again = std::exchange(stopping_, true);
  if (!again) reactor().arm_fairly(*this, later(reactor().fair_now(), options_.drain_timeout));
  for (Peer& peer : peers_) {
    if (peer.is_dead()) continue;
    // One that has no memory for a Close frame waits for the timer.
    again ? peer.drop() : reactor().guard([&peer] { peer.phase()->drain(); });
  }
  if (!peers_.empty()) return;
  loop_.post([self = self_] {
    if (*self != nullptr) (*self)->tell_stopped();
  });
}

void Server::Impl::on_timer() {
  for (Peer& peer : peers_) peer.drop();
}

void Server::Impl::tell_stopped() {
  reactor().disarm_fairly(*this);
  if (auto stopped = std::exchange(stopped_, nullptr)) call(stopped);
}

void Server::Impl::abandon() noexcept {
  *self_ = nullptr;
  stopped_ = nullptr;
  listener_.close();
  reactor().disarm_fairly(*this);
  for (Peer& peer : peers_) {
    peer.mute();
    peer.drop();
  }
  reactor().bury(*this);
}

void Server::Impl::destroy() { delete this; }

std::string_view Server::Impl::date() {
  const auto now = std::chrono::floor<std::chrono::seconds>(reactor().kernel().wall_clock());
  if (now.time_since_epoch().count() != date_second_) {
    date_ = http::http_date(now);
    date_second_ = now.time_since_epoch().count();
  }
  return date_;
}

}  // namespace duplex::endpoint
