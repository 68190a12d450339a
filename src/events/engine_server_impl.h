// Requests and messages in, packets out: the Engine.IO server behind its public face.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "events/engine_http.h"
#include "events/engine_session.h"

namespace duplex::events {

// Owner: an EngineServer, and whoever is in the middle of a call.
class EngineServer::Impl final : public std::enable_shared_from_this<EngineServer::Impl> {
 public:
  using Session = EngineSession::Impl;
  using Held = std::shared_ptr<Session>;

  Impl(Server& server, EngineHandlers handlers, EngineOptions options);
  void add_routes();
  void abandon() noexcept;

  std::size_t session_count() const noexcept { return sessions_.size(); }
  Session* find(std::string_view sid) noexcept;
  Held held(std::string_view sid);  // the same
  void send(Session& session, engineio::SharedMessage message);
  void send(Session& session, EngineBroadcast& broadcast);
  // A message of text as it stands on the wire, with its type.
  void send_text_packet(Session& session, std::string packet);
  websocket::DeflateWorkshop& workshop() noexcept { return workshop_; }
  std::size_t queued_bytes(const Session& session) const noexcept;
  bool is_writable(const Session& session) const noexcept;
  // `detail`: see EngineClose.
  void close(Session& session, engineio::CloseReason reason, std::string detail = {});
  void advance(Session& session);  // its deadline may have come

 private:
  using Fault = std::optional<EngineFault>;

  // What sessions have time for does not pass while the loop does not listen.
  engineio::Clock::time_point now() const { return server_.loop().reactor().fair_now(); }

  std::optional<Entrance> place_of(const http::Request& request) const;

  void on_get(Exchange& exchange);
  void on_post(Exchange& exchange);
  void on_socket_open(Connection& connection, const http::Request& request);
  void on_socket_message(Connection& connection, Message message);
  void on_socket_close(Connection& connection, const CloseEvent& event);

  template <class From>
  PeerRequest asked(const http::Request& request, const From& from) const;
  Fault judge(const PeerRequest& asked, const EngineQuery& query, bool upgrade = false);
  Fault fault_of(const EngineQuery& query, std::string_view method, bool upgrade);
  endpoint::OpeningAnswer authorize(const PeerRequest& asked);
  void refuse(Exchange& exchange, const EngineFault& fault);
  void tell(const EngineFault& fault, const PeerRequest& asked);
  EngineFault no_room() const;
  std::string new_sid();
  Held open(const http::Request& request, const EngineQuery& query, const net::Address& peer);
  std::optional<AnswerTerms> terms_of(const PeerRequest& asked, bool opens) const;
  void poll(Session& session, Exchange& exchange, AnswerTerms terms);
  void take_payload(Session& session, Exchange& exchange, AnswerTerms terms);
  void refuse_body(Session& session, Exchange& exchange, const AnswerTerms& terms);
  bool take_packets(Session& session, engineio::PayloadReader& reader);
  void take_rest_later(Session& session);
  void take_rest(Session& session);
  void finish_post(Session& session, const Session::Post& post, bool has_thrown);
  void answer_post(Session& session, Exchange& exchange, const http::Request& request,
                   const AnswerTerms& terms, const std::string& fault);
  void end_post(Session& session);
  void take_packet(Session& session, engineio::Packet packet);
  void start_probe(Session& session, Connection& connection);
  void probe(Session& session, Connection& connection, const engineio::Packet& packet);
  template <class Handler, class... Argument>
  void call(Session& session, const Handler& handler, const Argument&... argument);
  void end(Session& session, std::string detail = {});
  void flush(Session& session);
  void flush_socket(Session& session);
  // Where a message may leave at once as it is: a WebSocket, and nothing before it. Or null.
  Connection* open_way(const Session& session) const noexcept;
  void check_limit(Session& session, bool refused = false);
  void check_limit(Session& session, std::size_t queued, bool refused);
  void check_drained(Session& session);
  SendStatus send_out(Connection& connection, const engineio::OutMessage& message);
  void answer_poll(Session& session, const engineio::OutMessage& payload);
  void end_probe(Session& session);
  void keep_farewell(const engineio::Session& session);
  void forget_farewell(const std::string& sid);
  bool say_farewell(const std::string& sid, Exchange& exchange);
  void say_farewell(const std::string& sid, Connection& probe, const Message& message);
  void arm_timer(Session& session);

  Server& server_;
  EngineHandlers handlers_;
  EngineOptions options_;
  EngineHttp http_;
  websocket::ProtocolOptions protocol_ = {};  // of its WebSockets
  websocket::DeflateWorkshop workshop_ = {};
  std::unordered_map<std::string_view, Held> sessions_ = {};  // by their own ids
  // What is left of sessions that were closed here while no poll waited, for the one that comes, or
  // for the WebSocket that was becoming the transport.
  struct Farewell {
    engineio::Session session;
    net::TimerId timer = net::TimerId::none;
    ConnectionId probe = {};
  };
  std::unordered_map<std::string, Farewell> farewells_ = {};
  std::optional<std::uint16_t> number_ = {};  // of its loop among several
  bool abandoned_ = false;                    // its user has gone, who is called no more
};

// The address costs a call of the system: it is for who wants to know.
template <class From>
PeerRequest EngineServer::Impl::asked(const http::Request& request, const From& from) const {
  const bool is_wanted = options_.allow_request || options_.allow_session || options_.make_fields ||
                         options_.on_connection_error;
  return {request, is_wanted ? from.peer_address() : net::Address()};
}

// A session whose handler throws ends; the layer below answers for its connection.
template <class Handler, class... Argument>
void EngineServer::Impl::call(Session& session, const Handler& handler,
                              const Argument&... argument) {
  if (!handler) return;
  try {
    handler(session, argument...);
  } catch (...) {
    close(session, engineio::CloseReason::forced_close, "a handler threw");
    throw;
  }
}

}  // namespace duplex::events
