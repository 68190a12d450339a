// Requests and messages in, packets out.
#include "events/engine_server_impl.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "duplex/http/serialize.h"
#include "duplex/http/target.h"
#include "duplex/websocket/handshake.h"
#include "events/close_words.h"
#include "events/ids.h"

namespace duplex::events {
namespace {

using engineio::CloseReason;
using engineio::Transport;

const EngineFault unknown_transport = {0, "Transport unknown"};
const EngineFault unknown_sid = {1, "Session ID unknown"};
const EngineFault bad_method = {2, "Bad handshake method"};
const EngineFault unsupported_version = {5, "Unsupported protocol version"};

constexpr std::string_view unsendable = "a field of the answer cannot be sent\n";

EngineFault with(EngineFault fault, std::string context) {
  fault.context = std::move(context);
  return fault;
}

std::string shown(std::string_view name, const std::optional<std::string>& value) {
  return value ? std::string(name) + " " + quoted(*value) : "no " + std::string(name);
}

void demand_sendable(const EngineOptions& options) {
  const auto demand = [](const http::Field& field, const char* where) {
    if (http::is_sendable(field)) return;
    throw std::invalid_argument(std::string(where) + ": the field " +
                                quoted(std::string(field.name) + ": " + std::string(field.value)) +
                                " cannot be sent");
  };
  for (const auto& [name, value] : options.fields) demand({name, value}, "EngineOptions::fields");
  if (!options.cookie) return;
  const std::string cookie = options.cookie->name + "=; " + options.cookie->attributes;
  demand({"Set-Cookie", cookie}, "EngineOptions::cookie");
}

// The application's say.
std::optional<EngineFault> refusal_by(
    const std::function<std::optional<std::string>(const PeerRequest&)>& filter,
    const PeerRequest& asked) {
  auto why = filter ? filter(asked) : std::nullopt;
  if (!why) return std::nullopt;
  return EngineFault{
      .code = EngineFault::refused_by_the_application, .message = *why, .context = *why};
}

}  // namespace

EngineServer::Impl::Impl(Server& server, EngineHandlers handlers, EngineOptions options)
    : server_(server),
      handlers_(std::move(handlers)),
      options_(std::move(options)),
      http_(options_) {
  demand_sendable(options_);
  protocol_.max_message_size = options_.session.max_payload;
  protocol_.send_limit = options_.send_limit;
  protocol_.send_high_water = options_.high_water;
  protocol_.ping_interval = std::chrono::milliseconds(0);  // the session pings
}

void EngineServer::Impl::add_routes() {
  // The routes keep it for as long as the server has them.
  const auto self = shared_from_this();
  server_.get(options_.path, [self](Exchange& exchange) { self->on_get(exchange); });
  server_.post(options_.path, [self](Exchange& exchange) { self->on_post(exchange); });
  for (const char* const method : {"PUT", "PATCH", "DELETE"}) {
    server_.route(method, options_.path, [self](Exchange& exchange) {
      self->refuse(exchange, with(bad_method, std::string(exchange.request().method)));
    });
  }
  if (options_.cors) {
    server_.route("OPTIONS", options_.path,
                  [self](Exchange& exchange) { self->http_.preflight(exchange); });
  }
  WebSocketHandlers socket;
  socket.on_open = [self](Connection& connection, const http::Request& request) {
    self->on_socket_open(connection, request);
  };
  socket.on_message = [self](Connection& connection, Message message) {
    self->on_socket_message(connection, message);
  };
  socket.on_drain = [self](Connection& connection) {
    if (const Held session = session_of(connection)) self->check_drained(*session);
  };
  socket.on_close = [self](Connection& connection, const CloseEvent& event) {
    self->on_socket_close(connection, event);
  };
  WebSocketOptions route = {.deflate = options_.deflate, .protocol = &protocol_};
  route.authorize = [self](const PeerRequest& asked) { return self->authorize(asked); };
  // As a browser has it with polling: pages of the own origin need no leave.
  if (options_.cors) {
    route.allowed_origins = options_.cors->origins;
    route.allowed_origins.emplace_back(websocket::own_origin);
  }
  server_.websocket(options_.path, std::move(socket), std::move(route));
  if (options_.loops == nullptr) return;
  number_ = options_.loops->add(server_.entrance());
  server_.redirect([self](const http::Request& request) { return self->place_of(request); });
}

// Of sessions that live on other loops.
std::optional<Entrance> EngineServer::Impl::place_of(const http::Request& request) const {
  if (!number_ || http::normalize_path(request.path) != options_.path) return std::nullopt;
  const auto sid = EngineQuery::of(request).sid;
  const auto number = sid ? SessionLoops::number_in(*sid) : std::nullopt;
  if (!number || *number == *number_) return std::nullopt;
  return options_.loops->find(*number);
}

void EngineServer::Impl::abandon() noexcept {
  abandoned_ = true;
  if (number_) options_.loops->remove(*std::exchange(number_, std::nullopt));
  while (!sessions_.empty()) {
    const Held session = sessions_.begin()->second;
    close(*session, CloseReason::forced_close);
  }
  for (const auto& [sid, farewell] : farewells_) server_.loop().cancel(farewell.timer);
  farewells_.clear();
}

EngineSession::Impl* EngineServer::Impl::find(std::string_view sid) noexcept {
  const auto found = sessions_.find(sid);
  return found == sessions_.end() ? nullptr : found->second.get();
}

EngineServer::Impl::Held EngineServer::Impl::held(std::string_view sid) {
  Session* const session = find(sid);
  return session == nullptr ? nullptr : session->shared_from_this();
}

// --- Opening -------------------------------------------------------------------------------------

// The application is asked first; its answer may take a session away.
EngineServer::Impl::Fault EngineServer::Impl::judge(const PeerRequest& asked,
                                                    const EngineQuery& query, bool upgrade) {
  if (abandoned_) return query.sid ? unknown_sid : no_room();
  if (auto refusal = refusal_by(options_.allow_request, asked)) return refusal;
  if (auto fault = fault_of(query, asked.request.method, upgrade)) return fault;
  return query.sid ? Fault() : refusal_by(options_.allow_session, asked);
}

EngineServer::Impl::Fault EngineServer::Impl::fault_of(const EngineQuery& query,
                                                       std::string_view method, bool upgrade) {
  if (query.transport != (upgrade ? "websocket" : "polling")) {
    const std::string context = shown("transport", query.transport);
    const bool known = query.transport == "websocket" || query.transport == "polling";
    return known ? bad_request(context + " in a request of the other one")
                 : with(unknown_transport, context);
  }
  if (query.wants_script) return bad_request("JSONP");
  if (!query.sid) {
    if (method != "GET") return with(bad_method, std::string(method) + " without sid");
    const bool known = query.version == "4" || (query.version == "3" && options_.allow_eio3);
    return known ? Fault() : with(unsupported_version, shown("EIO", query.version));
  }
  Session* const session = find(*query.sid);
  if (session == nullptr) return with(unknown_sid, shown("sid", query.sid));
  // Its deadline may have passed, whatever the timers say.
  const auto held = session->shared_from_this();
  advance(*session);
  if (!held->is_open()) return with(unknown_sid, shown("sid", query.sid));
  if (held->transport() == Transport::polling) return Fault();
  return bad_request("the session speaks over a WebSocket");
}

endpoint::OpeningAnswer EngineServer::Impl::authorize(const PeerRequest& asked) {
  const EngineQuery query = EngineQuery::of(asked.request);
  if (const Fault fault = judge(asked, query, true)) {
    tell(*fault, asked);
    return {400, std::string(fault_type), text_of(*fault)};
  }
  endpoint::OpeningAnswer answer = 101;
  if (options_.make_fields) answer.fields = options_.make_fields(asked, !query.sid);
  return answer;
}

// With the application's own fields, of what it has let in. Nothing: one of them cannot be sent.
std::optional<AnswerTerms> EngineServer::Impl::terms_of(const PeerRequest& asked,
                                                        bool opens) const {
  AnswerTerms terms = AnswerTerms::of(asked.request);
  if (options_.make_fields) terms.fields = options_.make_fields(asked, opens);
  const bool sendable = std::ranges::all_of(terms.fields, [](const endpoint::HeaderField& each) {
    return http::is_sendable({each.name, each.value});
  });
  return sendable ? std::optional(std::move(terms)) : std::nullopt;
}

void EngineServer::Impl::refuse(Exchange& exchange, const EngineFault& fault) {
  tell(fault, asked(exchange.request(), exchange));
  http_.refuse(exchange, fault, origin_of(exchange.request()));
}

void EngineServer::Impl::tell(const EngineFault& fault, const PeerRequest& asked) {
  if (!options_.on_connection_error || abandoned_) return;
  options_.on_connection_error({.code = fault.code,
                                .message = fault.message,
                                .context = fault.context,
                                .request = asked.request,
                                .peer_address = asked.peer_address});
}

EngineFault EngineServer::Impl::no_room() const {
  return {.code = EngineFault::no_room,
          .message = "Too many sessions",
          .context = std::to_string(options_.max_sessions) + " sessions, which is the limit"};
}

std::string EngineServer::Impl::new_sid() {
  std::string id = new_id(server_.loop().kernel());
  return number_ ? SessionLoops::with_number(std::move(id), *number_) : id;
}

// Null when there is no room.
EngineServer::Impl::Held EngineServer::Impl::open(const http::Request& request,
                                                  const EngineQuery& query,
                                                  const net::Address& peer) {
  if (abandoned_ || sessions_.size() >= options_.max_sessions) return nullptr;
  const auto transport = query.transport == "websocket" ? Transport::websocket : Transport::polling;
  auto session = std::make_shared<Session>(*this, server_.loop().reactor(), new_sid(), transport,
                                           options_.session, now(), query.dialect());
  session->peer_address = peer;
  sessions_.emplace(session->sid(), session);
  arm_timer(*session);
  call(*session, handlers_.on_open, request);
  return session;
}

// --- Long polling --------------------------------------------------------------------------------

void EngineServer::Impl::on_get(Exchange& exchange) {
  const EngineQuery query = EngineQuery::of(exchange.request());
  // HEAD comes here as well, and would take messages that it has no place for.
  if (exchange.request().method != "GET") return refuse(exchange, with(bad_method, "HEAD"));
  const PeerRequest who = asked(exchange.request(), exchange);
  if (const Fault fault = judge(who, query)) {
    const bool has_ended = fault->code == unknown_sid.code;
    if (!has_ended || !say_farewell(*query.sid, exchange)) refuse(exchange, *fault);
    return;
  }
  auto terms = terms_of(who, !query.sid);
  if (!terms) return static_cast<void>(exchange.respond(500, "text/plain", unsendable));
  const Held session =
      query.sid ? held(*query.sid) : open(exchange.request(), query, exchange.peer_address());
  if (session == nullptr) return refuse(exchange, query.sid ? unknown_sid : no_room());
  poll(*session, exchange, *std::move(terms));
}

// Two polls at once are a client's fault (row P13): the older one hears that it is over.
void EngineServer::Impl::poll(Session& session, Exchange& exchange, AnswerTerms terms) {
  // Its user may have closed it when it was opened.
  if (!session.is_open()) {
    if (!say_farewell(session.sid(), exchange)) refuse(exchange, unknown_sid);
    return;
  }
  if (session.poll) {
    const EngineFault fault = bad_request("a poll while another one waits");
    close(session, CloseReason::transport_error, fault.context);
    return refuse(exchange, fault);
  }
  session.poll = std::make_unique<Session::Poll>(
      Session::Poll{.exchange = exchange.id(), .terms = std::move(terms)});
  // No client ends its side and still waits for messages: it is gone.
  const auto gone = [weak = session.weak_from_this(), id = exchange.id()] {
    const auto held = weak.lock();
    if (held == nullptr || !held->poll || held->poll->exchange != id || held->engine == nullptr)
      return;
    held->engine->close(*held, CloseReason::transport_close, "its poll was given up");
  };
  exchange.on_end(gone);
  exchange.on_gone(gone);
  flush(session);
}

void EngineServer::Impl::on_post(Exchange& exchange) {
  const EngineQuery query = EngineQuery::of(exchange.request());
  const PeerRequest who = asked(exchange.request(), exchange);
  if (const Fault fault = judge(who, query)) return refuse(exchange, *fault);
  auto terms = terms_of(who, false);
  if (!terms) return static_cast<void>(exchange.respond(500, "text/plain", unsendable));
  const Held session = held(*query.sid);
  if (session == nullptr) return refuse(exchange, unknown_sid);
  if (exchange.body().size() > options_.session.max_payload) {
    return refuse_body(*session, exchange, *terms);
  }
  take_payload(*session, exchange, *std::move(terms));
  flush(*session);
}

}  // namespace duplex::events
