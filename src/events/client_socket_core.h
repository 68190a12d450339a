// A namespace of a Socket.IO client behind its public face: who listens, what waits, and for what.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "duplex/events/client_socket.h"
#include "duplex/net/event_loop.h"
#include "duplex/socketio/packet.h"
#include "events/socket_client_impl.h"
#include "socketio/any_listeners.h"
#include "socketio/listeners.h"

namespace duplex::events {

// Owner: its client, and whoever is in the middle of a call.
class ClientSocketCore final : public ClientSocket,
                               public std::enable_shared_from_this<ClientSocketCore> {
 public:
  ClientSocketCore(SocketClient::Impl& owner, std::string name, ClientSocketOptions chosen)
      : client(&owner), nsp_name(std::move(name)), options(std::move(chosen)) {}

  // --- From the client ---------------------------------------------------------------------------
  void on_open();  // there is a connection: asks to be let in
  // What is wrong with the packet: the connection is to be closed. Empty: nothing.
  std::string on_packet(socketio::Packet packet);
  void on_lost(const ClientDisconnect& why);  // the connection
  void fail(const ConnectError& error);
  void abandon() noexcept;  // nobody is called any more

  // --- From its user -----------------------------------------------------------------------------
  void start();
  void stop();
  void emit(Event event, const ClientEmitFlags& flags);

  SocketClient::Impl* client;  // null once it has gone
  std::string nsp_name;
  ClientSocketOptions options;
  std::string id_text = {};
  bool is_active() const noexcept { return is_wanted && client != nullptr && client->is_coming(); }
  bool is_wanted = false;  // it is to be connected
  bool has_asked = false;  // to be let in, and has no answer yet
  bool is_connected = false;
  bool has_recovered = false;

  socketio::Listeners listeners = {};
  socketio::AnyListeners incoming = {};
  socketio::AnyListeners outgoing = {};
  ErrorHandler error_handler = {};
  std::function<void(ClientSocket&)> connect_handler = {};
  std::function<void(ClientSocket&, const ConnectError&)> connect_error_handler = {};
  std::function<void(ClientSocket&, const ClientDisconnect&)> disconnect_handler = {};

 private:
  // An event on its way.
  struct Outgoing {
    socketio::Packet packet = {};
    bool compress = true;
  };
  struct Waiting {
    AckHandler handler = {};
    net::TimerId timer = net::TimerId::none;
  };
  // An event of the queue of those that are sent again.
  struct Queued {
    std::uint64_t number = 0;
    JsonArray values = {};
    AckHandler handler = {};
    ClientEmitFlags flags = {};
    std::size_t tries = 0;
    bool is_pending = false;
  };

  // One after the other, while it is connected. When a handler throws, that step once more and
  // those after it in the next turn.
  using Step = void (ClientSocketCore::*)();
  void run_all(std::vector<Step> steps);
  void later(std::function<void(ClientSocketCore&)> work);  // in the next turn, if it is there

  void ask();
  std::string on_connect_packet(const socketio::Packet& packet);
  void on_refused(socketio::Packet packet);
  void on_joined();
  void tell_connected();
  std::string take_event(socketio::Packet packet);
  void on_event(const socketio::Packet& packet);
  void deliver_early();
  void forget_early() noexcept;
  void leave(const ClientDisconnect& why);

  void send_event(Event event, const ClientEmitFlags& flags);
  void send_waiting();
  void transmit(const Outgoing& event);
  void send_bare(socketio::PacketType type, std::optional<Json> data = {});
  void answer(std::uint64_t ack_id, JsonArray values);
  void report(std::string_view event, std::string_view why);
  void refuse(Event event, std::string_view why);

  void expect_ack(std::uint64_t id, AckHandler handler, std::chrono::milliseconds timeout);
  void settle(std::uint64_t id, AckReply reply);
  void settle_sent();

  void enqueue(Event event, const ClientEmitFlags& flags);
  void drain_queue();
  void on_queue_reply(std::uint64_t number, AckReply& reply);

  bool is_to_be_told_ = false;               // that it is connected
  std::optional<std::string> secret_ = {};   // of connection state recovery: "pid"
  std::string offset_ = {};                  // of the last event
  std::deque<socketio::Packet> early_ = {};  // came before the server let it in
  std::size_t early_bytes_ = 0;
  std::deque<Outgoing> waiting_ = {};  // for a connection
  std::map<std::uint64_t, Waiting> acks_ = {};
  std::uint64_t next_ack_id_ = 0;
  std::deque<Queued> queue_ = {};
  std::uint64_t next_number_ = 0;
};

}  // namespace duplex::events
