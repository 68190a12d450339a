// One client of a Socket.IO server: its session of Engine.IO, and its sockets, one in each
// namespace that it has joined.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "duplex/socketio/packet.h"
#include "events/engine_session.h"
#include "events/namespace_core.h"

namespace duplex::events {

// Owner: its session. Thread: the loop's.
class SocketLink {
 public:
  SocketLink(SocketServer::Impl& server, EngineSession::Impl& session,
             const http::Request& request);
  ~SocketLink();
  SocketLink(const SocketLink&) = delete;
  SocketLink& operator=(const SocketLink&) = delete;

  // A client of Socket.IO 2 is in "/" from the beginning.
  void start();
  void on_message(const engineio::Packet& message);
  void on_drain();
  void on_close(const EngineClose& close);

  void forget(const SocketCore& socket);
  void disconnect_all();          // the session, too
  void close();                   // the server shuts down
  void give_up(std::string why);  // its client has come again, or is to
  void on_joined();

  EngineSession::Impl& session() noexcept { return session_; }
  SocketServer::Impl& server() noexcept { return *server_; }
  Handshake handshake(Json auth) const;
  // It speaks protocol 4.
  bool is_old() const noexcept;
  void send(socketio::Packet&& packet);

 private:
  socketio::Decoder::Outcome read(const engineio::Packet& message);
  void await_attachment();
  void on_packet(socketio::Packet&& packet);
  void on_connect(socketio::Packet&& packet);
  std::size_t auth_bytes() const noexcept;  // in memory, of all its namespaces
  std::string id_in(std::string_view nsp) const;
  void leave_all(const Disconnect& why);
  void break_off(std::string rule);  // of Socket.IO, that was broken
  void end(const Disconnect& why);
  void refuse(std::string_view nsp, std::string_view message);
  std::shared_ptr<SocketCore> find(std::string_view nsp) const;

  std::shared_ptr<SocketServer::Impl> server_;
  EngineSession::Impl& session_;
  socketio::Decoder decoder_;
  std::shared_ptr<const http::OwnedRequest> request_;  // that opened the session
  std::chrono::system_clock::time_point issued_;
  std::vector<std::shared_ptr<SocketCore>> sockets_ = {};
  net::TimerId timer_ = net::TimerId::none;             // until it has joined a namespace
  net::TimerId attachment_timer_ = net::TimerId::none;  // while a packet is not complete
  bool broken_ = false;
};

}  // namespace duplex::events
