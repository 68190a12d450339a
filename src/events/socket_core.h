// A socket of a Socket.IO server behind its public face: who listens, and who waits for an answer.
#pragma once

#include <any>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "duplex/events/socket.h"
#include "duplex/net/event_loop.h"
#include "endpoint/topics.h"
#include "events/frames.h"
#include "socketio/any_listeners.h"
#include "socketio/listeners.h"

namespace duplex::events {

class SocketLink;

// Owner: its link, its namespace, and whoever is in the middle of a call.
class SocketCore final : public Socket,
                         public endpoint::Subscriber,
                         public std::enable_shared_from_this<SocketCore> {
 public:
  enum class State : std::uint8_t { joining, connected, gone };
  using AckTaker = std::function<void(AckStatus status, JsonArray values)>;

  SocketCore(std::shared_ptr<NamespaceCore> nsp, SocketLink& link, std::string id, Json auth);

  // --- From the client ---------------------------------------------------------------------------
  void on_event(const socketio::Packet& packet);
  void on_ack(socketio::Packet&& packet);
  void on_drain_of_link();

  // --- To the client -----------------------------------------------------------------------------
  void emit(Event event, const EmitFlags& flags);
  // False if it was dropped.
  bool deliver(Frames& frames, bool droppable);
  void notify_outgoing(const JsonArray& values);
  void answer(std::uint64_t ack_id, JsonArray values);
  void send_packet(socketio::Packet&& packet);
  // Calls `taker` once: with the answer, or without. `timeout` 0: none.
  void expect_ack(std::uint64_t id, AckTaker taker, std::chrono::milliseconds timeout);
  void give_up_ack(std::uint64_t id) { settle(id, AckStatus::timed_out, {}); }

  // --- Life --------------------------------------------------------------------------------------
  void leave_namespace(const Disconnect& why);  // on_disconnect is called, if it was connected
  void abandon() noexcept;                      // nobody is called

  RemoteSocket described() const;  // as other servers see it
  Emitter emitter();               // straight to it
  Emitter emitter_to_others();     // to everybody else

  std::shared_ptr<NamespaceCore> nsp_core;
  SocketLink* link;  // null once it is gone
  std::string id_text;
  Handshake said;
  State state = State::joining;
  bool has_recovered = false;
  // With recovery: what only its client knows, and what that has missed.
  struct Return {
    std::string secret = {};
    std::vector<JsonArray> missed = {};
    std::size_t bytes = 0;  // of these, those that came while the middleware thought
  };
  std::unique_ptr<Return> way_back = {};
  std::uint32_t mark = 0;  // see NamespaceCore::for_each()
  std::any user_data = {};

  socketio::Listeners listeners = {};
  // What few sockets have any of.
  struct Handlers {
    std::vector<EventFilter> filters = {};
    socketio::AnyListeners incoming = {};
    socketio::AnyListeners outgoing = {};
    std::function<void(std::string_view, std::string_view)> on_error = {};
    std::function<void(Socket&)> on_drain = {};
    std::function<void(Socket&, const Disconnect&)> on_disconnect = {};
  };
  Handlers& handlers();

 private:
  struct Waiting {
    AckTaker taker = {};
    net::TimerId timer = net::TimerId::none;
  };
  using Waiters = std::map<std::uint64_t, Waiting>;

  void dispatch(std::string_view event, Values values, const Ack& ack);
  // Why nobody may hear of it, or nothing.
  std::optional<std::string> filter(std::string_view event, Values values);
  std::optional<std::string> call_listeners(std::string_view event, Values values, const Ack& ack);
  void settle(std::uint64_t id, AckStatus status, JsonArray values);
  void settle_all(AckStatus status);
  void forget_waiters() noexcept;
  net::EventLoop& loop() noexcept;

  std::unique_ptr<Handlers> handlers_ = {};
  std::unique_ptr<Waiters> waiters_ = {};
};

inline SocketCore& core_of(Socket& socket) noexcept { return static_cast<SocketCore&>(socket); }
inline const SocketCore& core_of(const Socket& socket) noexcept {
  return static_cast<const SocketCore&>(socket);
}

}  // namespace duplex::events
