// A namespace of a Socket.IO server behind its public face: who is in it, and in which rooms.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "duplex/events/socket_server.h"
#include "duplex/socketio/recovery.h"
#include "endpoint/topics.h"
#include "events/cluster.h"
#include "events/namespace_listeners.h"
#include "events/socket_core.h"
#include "socketio/listeners.h"

namespace duplex::events {

// What clients meet. A dynamic namespace shares it with the ones that it becomes.
struct Reception {
  std::vector<Middleware> middleware = {};
  std::vector<ConnectionHandler> on_connection = {};
  std::vector<RoomHandler> on_room = {};
  NamespaceListeners listeners = {};
  std::function<void(Socket&, std::string_view, std::string_view)> on_error = {};
  std::function<void(Socket&, const Disconnect&)> on_disconnect = {};
};

// Owner: the server, and its sockets. Thread: the loop's.
class NamespaceCore final : public Namespace, public std::enable_shared_from_this<NamespaceCore> {
 public:
  NamespaceCore(SocketServer::Impl& owner, std::string name, std::shared_ptr<Reception> shared);

  // --- Coming and going --------------------------------------------------------------------------
  // Somebody wants to join: whoever was here before, or somebody new for the middleware to look at.
  void welcome(const std::shared_ptr<SocketCore>& socket);
  void give_up(const std::string& secret);  // the client of it has come again, here or elsewhere
  void join_cluster();                      // once, before anybody comes
  // Asks the middleware, then connects or refuses it.
  void admit(const std::shared_ptr<SocketCore>& socket, std::size_t index = 0);
  void refuse(const std::shared_ptr<SocketCore>& socket, Refusal refusal);
  void remove(SocketCore& socket);
  void give_up_joining(SocketCore& socket);  // it has left before it was let in
  void save(SocketCore& socket);             // it may come again
  bool waits_for_somebody() const { return recovery_ && recovery_->awaits_somebody(loop.now()); }
  void close();
  void abandon() noexcept;
  SocketCore* find_core(std::string_view id) const noexcept;
  std::size_t size() const noexcept { return sockets_.size(); }
  bool is_empty() const noexcept { return sockets_.empty() && joining_ == 0; }

  // --- Rooms -------------------------------------------------------------------------------------
  void join(SocketCore& socket, std::string_view room);
  void leave(SocketCore& socket, std::string_view room);
  std::vector<std::string> leave_all(SocketCore& socket);
  endpoint::Topics& rooms() noexcept { return rooms_; }
  std::size_t count_in(std::string_view room) const noexcept;
  // What is sent straight to a socket is broadcast, so that it is kept.
  bool keeps(const EmitFlags& flags) const noexcept {
    return keeps_in_cluster() && !flags.droppable && !flags.local;
  }
  void expect_outgoing() noexcept { has_outgoing_ = true; }

  // --- Sending -----------------------------------------------------------------------------------
  // To the other servers as well, if there are any and the flags allow it.
  void broadcast(const Target& target, std::string_view sender, Event event,
                 const EmitFlags& flags);
  void order(const ClusterMessage& message, const EmitFlags& flags);
  void fetch(const Target& target, std::string_view sender, const EmitFlags& flags,
             std::function<void(FetchedSockets)> handler);
  Cluster* cluster() noexcept { return cluster_.get(); }
  socketio::Listeners& server_side() noexcept { return server_side_; }

  // Throws std::length_error if there are more than clients take.
  void check_attachments(const JsonArray& values) const;
  // Of an event from another server: what its clients would not take. Empty: nothing.
  std::string fault_of(const JsonArray& values) const;

  // What dynamic namespaces come from: nobody is in it.
  bool is_parent() const noexcept { return name_text.empty(); }

  // --- On this server ----------------------------------------------------------------------------
  void deliver(const Target& target, std::string_view sender, JsonArray values,
               const EmitFlags& flags);
  // With an acknowledgement: `taker` is called for each of so many sockets, once.
  using AnswerTaker = std::function<void(AckStatus status, Json value)>;
  std::size_t ask(const Target& target, std::string_view sender, JsonArray values,
                  const EmitFlags& flags, const AnswerTaker& taker);
  void carry_out(const ClusterMessage& message);  // of those that Emitter orders
  std::vector<RemoteSocket> describe(const Target& target, std::string_view sender);
  std::vector<std::string> room_names() const;
  // Before an event is sent that whoever comes again may have missed.
  void keep(JsonArray& values, const Target& target, std::string_view sender,
            const EmitFlags& flags);
  // Those that are here now: they may come and go meanwhile.
  std::vector<std::shared_ptr<SocketCore>> sockets_of(const Target& target,
                                                      std::string_view sender);
  std::uint64_t next_ack_id() noexcept { return next_ack_id_++; }
  Emitter emitter();

  SocketServer::Impl* server;  // null once it has gone
  net::EventLoop& loop;
  std::string name_text;
  std::shared_ptr<Reception> reception;
  bool is_dynamic = false;

 private:
  // What several sockets have been asked at once.
  struct Question {
    std::vector<std::weak_ptr<SocketCore>> asked = {};
    std::size_t answered = 0;  // or given up
    net::TimerId timer = net::TimerId::none;
  };

  // `visit(SocketCore&)` for each receiver; nobody may come, go, join or leave meanwhile.
  template <class F>
  void for_each(const Target& target, std::string_view sender, F&& visit);
  template <class F>
  void for_each_in(std::string_view room, F&& visit);
  std::vector<std::shared_ptr<SocketCore>> send(const socketio::Packet& packet,
                                                const Target& target, std::string_view sender,
                                                const EmitFlags& flags, bool wanted);
  std::string excess_in(const JsonArray& values) const;
  void broadcast_to_children(const Target& target, const Event& event, const EmitFlags& flags);
  void give_up_after(std::chrono::milliseconds time, const std::shared_ptr<Question>& question,
                     std::uint64_t ack_id);
  void carry_out(const ClusterMessage& message, SocketCore& socket);
  void tell_adapter(std::string_view room, bool exists);
  void tell_room(RoomEvent event, const std::string& room, const std::string& id = {});
  void tell_joined(std::string_view joined, std::string_view by);
  void tell_left(std::string_view left, std::string_view by);
  void connect(const std::shared_ptr<SocketCore>& socket);
  // Of clients that say by `secret` who they were.
  bool keeps_in_cluster() const noexcept { return cluster_ != nullptr && cluster_->keeps_events(); }
  bool recovers() const noexcept { return recovery_ || keeps_in_cluster(); }
  void restore(const std::shared_ptr<SocketCore>& socket, const std::string& secret,
               const std::string& offset);
  bool admits_rooms(const std::vector<std::string>& rooms) const;
  void welcome_back(const std::shared_ptr<SocketCore>& socket, const std::string& secret,
                    FoundSocket found);
  SocketCore::Return& prepare_return(SocketCore& socket);
  void send_missed(SocketCore& socket);
  void keep_for_returning(const JsonArray& values, const Target& target, std::string_view sender);
  void tell_if_empty();

  std::unordered_map<std::string_view, std::shared_ptr<SocketCore>> sockets_ = {};  // by id
  endpoint::Topics rooms_ = {};
  std::optional<socketio::Recovery> recovery_ = {};
  std::shared_ptr<Cluster> cluster_ = {};  // null: this server is alone
  socketio::Listeners server_side_ = {};
  std::unordered_map<std::string_view, SocketCore*> by_secret_ = {};  // with recovery
  std::size_t joining_ = 0;                  // sockets that are still asked who they are
  std::vector<SocketCore*> returning_ = {};  // those of them that take up where they left off
  std::uint64_t next_ack_id_ = 0;
  std::uint32_t mark_ = 0;     // of the receivers of the present event
  bool has_outgoing_ = false;  // somebody has asked to hear what is sent
};

}  // namespace duplex::events
