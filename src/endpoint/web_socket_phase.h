// A connection that speaks WebSocket: the protocol, its handlers, and the object a user holds.
#pragma once

#include <any>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "duplex/endpoint/connection.h"
#include "duplex/endpoint/server.h"
#include "duplex/websocket/permessage_deflate.h"
#include "duplex/websocket/protocol.h"
#include "endpoint/broadcast.h"
#include "endpoint/peer.h"
#include "endpoint/phase.h"
#include "endpoint/topics.h"

namespace duplex::endpoint {

// What all connections of one route share.
struct WebSocketRoute {
  WebSocketHandlers handlers;
  WebSocketOptions options;
  websocket::ProtocolOptions protocol;
  std::size_t max_events_per_turn = 128;
  std::size_t max_inflated_per_turn = std::size_t{1} << 20;
  std::chrono::milliseconds linger_timeout = std::chrono::seconds(2);
  std::size_t max_linger_size = std::size_t{256} << 10;
  Topics* topics = nullptr;  // null: a client's
  websocket::DeflateWorkshop* workshop = nullptr;
};

// The message whose handler is running, in this loop: it may be sent back without a copy.
struct LentMessage {
  const Connection* lender = nullptr;
  const Message* message = nullptr;
};

class WebSocketPhase : public Connection, public Subscriber, public Phase {
 public:
  // `route` must outlive the phase. `subprotocol` is one of the route's, or empty.
  WebSocketPhase(Peer& peer, websocket::Role role, const WebSocketRoute& route,
                 std::string_view subprotocol, websocket::MaskingKeySource* masking_keys);
  ~WebSocketPhase() override;

  // Messages are compressed as agreed, by the means of the route.
  void use_deflate(const websocket::DeflateParameters& agreed);
  // Tells the user; to be called by who made the phase, with the request or answer still valid.
  void open(const http::Request& request);

  void start() override;
  MutableBytes on_bytes(MutableBytes bytes) override;
  MutableBytes receive_target() override { return protocol_.receive_target(); }
  void on_received_in_place(std::size_t size) override;
  void on_end_of_stream() override;
  void on_drained() override;
  void on_timer() override;
  void on_closed(std::error_code error) override;
  void drain() override;
  Connection* as_connection() noexcept override { return is_protocol_open() ? this : nullptr; }

  Peer& peer() noexcept { return peer_; }
  const Peer& peer() const noexcept { return peer_; }
  websocket::Protocol& protocol() noexcept { return protocol_; }
  const websocket::Protocol& protocol() const noexcept { return protocol_; }
  bool is_protocol_open() const noexcept { return protocol_.state() == websocket::State::open; }

  inline SendStatus send_message(const Message& message);
  SendStatus send_broadcast(Broadcast& broadcast);
  // After anything was sent: sees to the flush, counts, and remembers that the user was told to
  // wait.
  SendStatus sent(SendStatus status);
  void start_close(CloseCode code, std::string_view reason);
  void set_paused(bool paused);
  bool subscribe_to(std::string_view topic, bool wanted);
  std::string_view agreed_subprotocol() const noexcept;
  std::any& data() noexcept { return user_data_; }

 private:
  MutableBytes next_piece(MutableBytes input) const noexcept;
  void take_events(std::size_t& budget);
  bool waits() const noexcept { return paused_by_user_ || throttled_; }
  bool must_wait();
  void stop_reading();
  void read_on();
  std::uint32_t milliseconds() const noexcept;
  void dispatch(const websocket::Event& event);
  void deliver(const websocket::Event& event);
  bool can_lend(const Message& message) const noexcept;
  template <class F, class... Args>
  void call(const F& handler, Args&&... args);
  void after_events();
  void advance_if_due();
  void tell_closed(const CloseEvent& event);
  void end_stream();
  void arm_for_the_end();
  void wait_for_the_end();
  void arm_timer();

  Peer& peer_;
  const WebSocketRoute& route_;
  websocket::Protocol protocol_;
  std::any user_data_;
  std::uint32_t paused_at_ = 0;    // milliseconds() when reading stopped
  std::int16_t subprotocol_ = -1;  // index of the route's; -1: none was agreed
  // How broadcasts are encoded: 0 as they are, else compressed into a window of that many bits, or
  // by this connection's own compressor.
  std::uint8_t broadcast_window_bits_ = 0;
  static constexpr std::uint8_t own_compressor = 0xFF;
  bool paused_by_user_ : 1 = false;
  bool throttled_ : 1 = false;  // above the high-water mark: reading waits for the queue to drain
  bool told_to_wait_ : 1 = false;  // send() said `congested`: on_drain is due
  bool close_told_ : 1 = false;
  bool ending_ : 1 = false;       // the stream has been asked to finish
  bool all_written_ : 1 = false;  // and nothing of ours waits any more
};

// A client's connection has a route of its own.
struct OwnedRoute {
  std::unique_ptr<WebSocketRoute> route;
};

class ClientWebSocketPhase final : private OwnedRoute, public WebSocketPhase {
 public:
  ClientWebSocketPhase(Peer& peer, std::unique_ptr<WebSocketRoute> owned,
                       std::string_view subprotocol, websocket::MaskingKeySource& masking_keys)
      : OwnedRoute{std::move(owned)},
        WebSocketPhase(peer, websocket::Role::client, *route, subprotocol, &masking_keys) {}
};

}  // namespace duplex::endpoint
