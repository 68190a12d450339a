// A connection that speaks HTTP/1.1; see http_phase.h. The grammar is http::RequestParser's.
#include "endpoint/http_phase.h"

#include <array>
#include <utility>

#include "base/later.h"
#include "duplex/http/error.h"
#include "duplex/http/event_stream.h"
#include "duplex/http/serialize.h"
#include "duplex/http/target.h"
#include "duplex/websocket/handshake.h"

namespace duplex::endpoint {

using std::chrono::milliseconds;

namespace {

constexpr std::size_t max_queued_output = std::size_t{64} << 10;  // bytes before reading pauses
constexpr std::size_t bytes_per_body_second = std::size_t{64} << 10;

std::vector<http::Field> views_of(const std::vector<HeaderField>& fields) {
  std::vector<http::Field> views;
  views.reserve(fields.size());
  for (const HeaderField& field : fields) views.push_back({field.name, field.value});
  return views;
}

}  // namespace

HttpPhase::HttpPhase(Peer& peer, Server::Impl& server) noexcept
    : peer_(peer), server_(server), parser_(server.parser_limits()) {}

void HttpPhase::start() { set_deadline(server_.options().http.head_timeout); }

// --- Reading requests ----------------------------------------------------------------------------

MutableBytes HttpPhase::on_bytes(MutableBytes bytes) {
  if (state_ == State::closing) return {};
  if (!reading()) return bytes;
  parser_.receive(bytes);
  return pump();
}

// Takes requests and answers them until the input, the budget of this turn or the room for answers
// is used up, or an answer is deferred; returns what must wait.
MutableBytes HttpPhase::pump() {
  std::size_t budget = server_.options().max_events_per_turn;
  bool more = true;
  for (; more && budget != 0 && reading() && !output_is_full(); --budget) more = take_event();
  const MutableBytes rest = parser_.take_unread();
  // The end of a request has no bytes that could be offered again.
  if (more && rest.empty() && reading()) take_event();
  if (!rest.empty() && budget == 0) peer_.stream().resume_soon();
  watch_the_head();
  if (output_is_full()) peer_.stream().notify_when_drained();
  return rest;
}

// False: there are no more of them for now.
bool HttpPhase::take_event() {
  const auto event = parser_.next_event();
  if (!event) return false;
  handle(*event);
  return successor_ == nullptr && peer_.stream().is_open();
}

bool HttpPhase::output_is_full() const noexcept {
  return peer_.stream().queue().size() > max_queued_output;
}

// RFC 9112 has no deadlines; ours run from the first byte of a head, and from its end.
void HttpPhase::watch_the_head() {
  if (state_ != State::head) return;
  const bool begun = parser_.stage() == http::Stage::head;
  if (begun && !head_begun_) set_deadline(server_.options().http.head_timeout);
  head_begun_ = begun;
}

void HttpPhase::handle(const http::Event& event) {
  switch (event.kind) {
    case http::Event::Kind::head:
      return begin_request();
    case http::Event::Kind::body:
      return take_body(event.body);
    case http::Event::Kind::end:
      return end_request();
    case http::Event::Kind::error:
      return refuse(http::status_for(event.error), http::describe(event.error));
  }
}

// True when the request belongs to another server, and the connection has gone there with it.
bool HttpPhase::move_elsewhere(const http::Request& request) {
  const auto place = server_.place_of(request);
  if (peer_.is_dead() || !place) return peer_.is_dead();
  peer_.stream().flush();
  if (!peer_.stream().queue().empty()) {
    state_ = State::body;  // its head has been read
    refuse(503, "answers before this one have not been taken");
    return true;
  }
  state_ = State::closing;
  const std::string head = head_text(request);
  server_.hand_over(peer_, head + std::string(as_text(parser_.take_unread())), *place);
  return true;
}

void HttpPhase::begin_request() {
  const http::Request& request = parser_.request();
  keep_alive_ = request.keep_alive && !server_.stopping();
  is_head_method_ = request.method == "HEAD";
  minor_version_ = request.minor_version;
  if (move_elsewhere(request)) return;
  ++request_count_;
  ++server_.counters().requests;
  server_.note_request(peer_, request);
  head_begun_ = false;
  state_ = State::body;
  if (!server_.serves(request)) return refuse(421, "another host's");
  if (open_websocket(request) || !request.has_body) return;
  set_deadline(server_.options().http.body_timeout);
  if (request.expects_continue) {
    peer_.stream().queue().append(as_bytes("HTTP/1.1 100 Continue\r\n\r\n"));
  }
}

void HttpPhase::take_body(Bytes piece) {
  const std::size_t before = body_.size() / bytes_per_body_second;
  body_.append(piece);
  const auto earned = static_cast<int>(body_.size() / bytes_per_body_second - before);
  if (deadline_ != net::Clock::time_point::max()) {
    deadline_ = later(deadline_, std::chrono::seconds(earned));
  }
}

void HttpPhase::end_request() {
  request_ = parser_.request();
  state_ = State::pending;
  deadline_ = net::Clock::time_point::max();
  run_handler();
  const bool seen_to_end = peer_ended_ || hang_up_seen_;
  if (state_ == State::pending && seen_to_end && !peer_.is_dead()) tell_of_end();
  // A deferred answer outlives the bytes that the request is made of.
  request_ = {};
  body_.release();
}

void HttpPhase::run_handler() {
  using Status = http::RouteMatch::Status;
  if (request_.target == "*") {  // RFC 9110 section 9.3.7: OPTIONS of the server as a whole
    answer(204, {}, {}, {});
    return;
  }
  match_ = server_.routes().match(request_.method, http::normalize_path(request_.path));
  if (match_.status == Status::no_path) {
    answer(404, "text/plain", "no such path\n", {});
    return;
  }
  if (match_.status == Status::no_method) return refuse_method(match_.allowed);
  const ExchangeHandler handler = server_.routes().handler(match_);  // it may add routes
  const bool returned = call([&] { handler(*this); });
  if (returned || answer(500, "text/plain", "the handler failed\n", {})) return;
  // Nobody is left who would end the stream, or go on with the file.
  if (state_ == State::streaming || state_ == State::sending_file) peer_.drop();
}

// RFC 9110 section 15.5.6.
void HttpPhase::refuse_method(const std::vector<std::string_view>& allowed) {
  std::string list;
  bool has_get = false;
  for (const std::string_view method : allowed) {
    list += list.empty() ? "" : ", ";
    list += method;
    has_get = has_get || method == "GET";
  }
  const auto opening = server_.websocket_routes().match("GET", http::normalize_path(request_.path));
  const bool opens = opening.status == http::RouteMatch::Status::found;
  if (opens && !has_get) list += ", GET";
  const std::array<http::Field, 1> allow = {{{"Allow", list}}};
  answer(405, "text/plain", "no such method here\n", allow);
}

template <class F>
bool HttpPhase::call(const F& handler) {
  return peer_.host().call(handler);
}

// --- The opening handshake, RFC 6455 section 4.2 -------------------------------------------------

// True when the request has been dealt with: accepted, or refused.
bool HttpPhase::open_websocket(const http::Request& request) {
  using Status = http::RouteMatch::Status;
  const std::string path = http::normalize_path(request.path);
  const auto match = server_.websocket_routes().match("GET", path);
  if (match.status != Status::found) return false;
  const Status plain = server_.routes().match(request.method, path).status;
  const bool is_other = plain == Status::no_method && request.method != "GET";
  const bool plain_too = plain == Status::found || is_other;
  if (plain_too && !websocket::is_upgrade_request(request)) return false;
  accept_websocket(request, *server_.websocket_routes().handler(match));
  return true;
}

void HttpPhase::accept_websocket(const http::Request& request, const WebSocketRoute& route) {
  auto answer = websocket::accept_handshake(
      request, {.subprotocols = route.options.subprotocols,
                .require_subprotocol = route.options.require_subprotocol,
                .allowed_origins = route.options.allowed_origins});
  if (!answer) {
    const auto refusal = websocket::refusal_for(answer.error());
    return refuse(refusal.status, websocket::describe(answer.error()), refusal.fields);
  }
  const OpeningAnswer said = ask_application(request, route);
  if (peer_.is_dead()) return;  // the application has destroyed the server
  if (said.status != 101) return refuse_opening(said);
  const std::vector<http::Field> fields = views_of(said.fields);
  answer->fields = fields;
  switch_to_websocket(*answer, route);
}

OpeningAnswer HttpPhase::ask_application(const http::Request& request,
                                         const WebSocketRoute& route) {
  OpeningAnswer said = 101;
  const auto ask = [&] {
    said = route.options.authorize({request, peer_.host().address_of(peer_)});
  };
  if (route.options.authorize && !call(ask)) return {500, "text/plain", "the handler failed\n"};
  // Who is dead may have no server any more.
  if (peer_.is_dead() || said.status != 101 || !server_.stopping()) return said;
  return {503, "text/plain", "the server stops\n"};
}

void HttpPhase::switch_to_websocket(websocket::HandshakeAnswer& answer,
                                    const WebSocketRoute& route) {
  auto phase = std::make_unique<WebSocketPhase>(peer_, websocket::Role::server, route,
                                                answer.subprotocol, nullptr);
  if (route.options.deflate) {
    if (auto agreed = websocket::accept_deflate(answer.extension_offers, *route.options.deflate)) {
      phase->use_deflate(agreed->parameters);
      answer.extensions = std::move(agreed->response);
    }
  }
  const std::string head = websocket::encode_answer(answer);
  if (head.empty()) return refuse(500, "a field of the answer cannot be sent");
  successor_ = std::move(phase);
  peer_.switch_soon();
  peer_.stream().queue().append(as_bytes(head));
}

void HttpPhase::refuse_opening(const OpeningAnswer& why) {
  if (why.body.empty()) {
    return refuse(why.status, "refused by the application", views_of(why.fields));
  }
  close_with_answer(why.status, why.content_type, why.body, views_of(why.fields));
}

void HttpPhase::hand_over(Phase& successor) {
  static_cast<WebSocketPhase&>(successor).open(parser_.request());
}

// --- Time and the end ----------------------------------------------------------------------------

void HttpPhase::end_connection() {
  state_ = State::closing;
  peer_.stream().finish(server_.options().http.max_linger_size);
  peer_.stream().flush();
  if (peer_.is_dead()) return;
  all_written_ = peer_.stream().queue().empty();
  set_deadline(server_.options().http.linger_timeout);
}

void HttpPhase::set_deadline(milliseconds timeout) {
  deadline_ = timeout.count() == 0 ? net::Clock::time_point::max() : later(peer_.now(), timeout);
  // Lazy: a timer that is due earlier looks again when it fires.
  if (deadline_ != net::Clock::time_point::max() && (!peer_.armed() || deadline_ < armed_for_)) {
    armed_for_ = deadline_;
    peer_.arm(deadline_);
  }
}

void HttpPhase::on_timer() {
  if (deadline_ == net::Clock::time_point::max()) return;
  if (peer_.now() < deadline_) {
    armed_for_ = deadline_;
    return peer_.arm(deadline_);
  }
  if (state_ == State::streaming) return beat();
  const bool half_a_request = head_begun_ || state_ == State::body;
  if (state_ == State::closing) return linger();
  if (!half_a_request) return end_idle();
  refuse(408, "the request took too long");
}

// Who takes nothing is found out by what waits already.
void HttpPhase::beat() {
  const bool silent = boundary_.is_between_events() && peer_.stream().queue().empty();
  if (silent) write_piece(http::event_stream_heartbeat);
  set_deadline(server_.options().http.event_stream_heartbeat);
}

// Nobody is idle who is still taking an answer, however slowly.
void HttpPhase::end_idle() {
  net::Stream& stream = peer_.stream();
  if (!stream.take_progress() || stream.queue().empty()) return peer_.drop();
  set_deadline(server_.options().http.idle_timeout);
}

// The time to linger begins when everything has been written; until then the peer may be as slow
// as between requests.
void HttpPhase::linger() {
  const HttpLimits& limits = server_.options().http;
  stalled_ = peer_.stream().take_progress() ? milliseconds(0) : stalled_ + limits.linger_timeout;
  const bool limited = limits.idle_timeout.count() != 0;
  if (all_written_ || (limited && stalled_ >= limits.idle_timeout)) return peer_.drop();
  all_written_ = peer_.stream().queue().empty();
  set_deadline(limits.linger_timeout);
}

void HttpPhase::on_end_of_stream() {
  peer_ended_ = true;
  // RFC 9112 section 9.6: who has ended its side may still wait for the answer. Nobody waits for
  // the end of a stream of events.
  if (state_ == State::pending) return tell_of_end();
  if (state_ == State::sending_file) return;
  if (state_ == State::streaming) return peer_.drop();
  end_connection();
}

// Requests that came before are still to be read and answered.
void HttpPhase::on_hang_up_seen() {
  hang_up_seen_ = true;
  if (state_ == State::streaming) return peer_.drop();
  tell_of_end();
}

void HttpPhase::tell_of_end() {
  if (const auto handler = std::exchange(on_end_, nullptr)) call(handler);
}

void HttpPhase::on_drained() {
  if (state_ == State::sending_file) return send_more_of_file();
  if (reading() && peer_.stream().has_backlog()) peer_.stream().resume_soon();
  if (!std::exchange(told_to_wait_, false) || !on_drain_) return;
  const auto handler = on_drain_;
  call(handler);
}

void HttpPhase::on_closed(std::error_code) {
  state_ = State::closing;
  if (const auto gone = std::exchange(on_gone_, nullptr)) call(gone);
}

void HttpPhase::drain() {
  keep_alive_ = false;
  const bool idle = state_ == State::head && !head_begun_;
  if (idle) end_connection();
}

Exchange* HttpPhase::as_exchange(std::uint32_t request) noexcept {
  return is_answering() && request == request_count_ ? this : nullptr;
}

void HttpPhase::set_on_gone(std::function<void()> handler) {
  if (is_answering() && !peer_.is_dead()) on_gone_ = std::move(handler);
}

void HttpPhase::set_on_end(std::function<void()> handler) {
  if (state_ == State::pending && !peer_.is_dead()) on_end_ = std::move(handler);
}

void HttpPhase::set_on_drain(std::function<void()> handler) {
  if (is_answering() && !peer_.is_dead()) on_drain_ = std::move(handler);
}

std::string_view HttpPhase::path_parameter(std::string_view name) const noexcept {
  return match_.parameter(name);
}

}  // namespace duplex::endpoint
