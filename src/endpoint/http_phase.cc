// A connection that speaks HTTP/1.1; see http_phase.h. The grammar is http::RequestParser's.
#include "endpoint/http_phase.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "duplex/http/error.h"
#include "duplex/http/serialize.h"
#include "duplex/http/target.h"
#include "duplex/websocket/handshake.h"

namespace duplex::endpoint {
namespace {

constexpr std::size_t max_queued_output = std::size_t{64} << 10;  // bytes before reading pauses
constexpr std::size_t file_piece = std::size_t{64} << 10;         // bytes read at a time
constexpr std::size_t bytes_per_body_second = std::size_t{64} << 10;

// The data of one framed chunk: what stands between its size line and its last CRLF.
std::string_view without_framing(std::string_view chunk) noexcept {
  constexpr std::size_t crlf = 2;
  const std::size_t begin = chunk.find('\n') + 1;
  return begin + crlf > chunk.size() ? std::string_view{}
                                     : chunk.substr(begin, chunk.size() - crlf - begin);
}

}  // namespace

HttpPhase::HttpPhase(Peer& peer, Server::Impl& server) noexcept
    : peer_(peer), server_(server), parser_(server.parser_limits()) {}

void HttpPhase::start() { set_deadline(server_.options().http.head_timeout); }

// --- Reading requests
// ----------------------------------------------------------------------------------

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
  while (reading() && !output_is_full()) {
    if (budget-- == 0) {
      peer_.stream().resume_soon();
      break;
    }
    const auto event = parser_.next_event();
    if (!event) break;
    handle(*event);
    if (successor_ != nullptr || !peer_.stream().is_open()) break;
  }
  watch_the_head();
  if (output_is_full()) peer_.stream().notify_when_drained();
  return parser_.take_unread();
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

void HttpPhase::begin_request() {
  const http::Request& request = parser_.request();
  ++request_count_;
  ++server_.counters().requests;
  head_begun_ = false;
  state_ = State::body;
  keep_alive_ = request.keep_alive && !server_.stopping();
  is_head_method_ = request.method == "HEAD";
  minor_version_ = request.minor_version;
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
  if (earned > 0) deadline_ += std::chrono::seconds(earned);
}

void HttpPhase::end_request() {
  request_ = parser_.request();
  state_ = State::pending;
  deadline_ = net::Clock::time_point::max();
  run_handler();
  // A deferred answer outlives the bytes that the request is made of.
  request_ = {};
  body_.release();
}

void HttpPhase::run_handler() {
  using Status = http::RouteMatch::Status;
  match_ = server_.routes().match(request_.method, http::normalize_path(request_.path));
  if (match_.status == Status::no_path) {
    answer(404, "text/plain", "no such path\n", {});
    return;
  }
  if (match_.status == Status::no_method) return refuse_method(match_.allowed);
  const ExchangeHandler handler = server_.routes().handler(match_);  // it may add routes
  const bool returned = call([&] { handler(*this); });
  if (!returned) answer(500, "text/plain", "the handler failed\n", {});
}

// RFC 9110 section 15.5.6.
void HttpPhase::refuse_method(const std::vector<std::string_view>& allowed) {
  std::string list;
  for (const std::string_view method : allowed) {
    list += list.empty() ? "" : ", ";
    list += method;
  }
  const std::array<http::Field, 1> allow = {{{"Allow", list}}};
  answer(405, "text/plain", "no such method here\n", allow);
}

template <class F>
bool HttpPhase::call(const F& handler) {
  return peer_.host().call(handler);
}

// --- The opening handshake, RFC 6455 section 4.2
// -------------------------------------------------------

// True when the request has been dealt with: accepted, or refused.
bool HttpPhase::open_websocket(const http::Request& request) {
  using Status = http::RouteMatch::Status;
  const std::string path = http::normalize_path(request.path);
  const auto match = server_.websocket_routes().match("GET", path);
  if (match.status != Status::found) return false;
  const bool plain_too = server_.routes().match(request.method, path).status == Status::found;
  if (plain_too && !websocket::is_upgrade_request(request)) return false;
  accept_websocket(request, *server_.websocket_routes().handler(match));
  return true;
}

void HttpPhase::accept_websocket(const http::Request& request, const WebSocketRoute& route) {
  const auto answer = websocket::accept_handshake(
      request, {.subprotocols = route.options.subprotocols,
                .require_subprotocol = route.options.require_subprotocol,
                .allowed_origins = route.options.allowed_origins});
  if (!answer) {
    const auto refusal = websocket::refusal_for(answer.error());
    return refuse(refusal.status, websocket::describe(answer.error()), refusal.fields);
  }
  int status = 101;
  if (route.options.authorize && !call([&] { status = route.options.authorize(request); })) {
    status = 500;
  }
  if (status != 101) return refuse(status, "refused by the application");
  successor_ = std::make_unique<WebSocketPhase>(peer_, websocket::Role::server, route,
                                                answer->subprotocol, nullptr);
  peer_.switch_soon();
  peer_.stream().queue().append(as_bytes(websocket::encode_answer(*answer)));
}

void HttpPhase::hand_over(Phase& successor) {
  static_cast<WebSocketPhase&>(successor).open(parser_.request());
}

// --- Answering
// -----------------------------------------------------------------------------------------

bool HttpPhase::answer(int status, std::string_view content_type, std::string_view body,
                       std::span<const http::Field> fields) {
  if (state_ != State::pending || peer_.is_dead()) return false;
  // RFC 9110 section 8.6: 1xx and 204 carry no Content-Length, 304 need not.
  const bool bodiless = status < 200 || status == 204 || status == 304;
  const auto header = bodiless ? http::BodyHeader::none : http::BodyHeader::content_length;
  const bool sendable = write_head(status, content_type, fields, header, body.size());
  if (!sendable) {
    const bool written = write_head(500, {}, {}, http::BodyHeader::content_length, 0);
    assert(written);
    static_cast<void>(written);
  }
  if (sendable && !bodiless && !is_head_method_) peer_.stream().queue().append(as_bytes(body));
  end_answer();
  return sendable;
}

// Answers what the peer did wrong, then closes: what follows may not be what it seems to be.
void HttpPhase::refuse(int status, std::string_view text, std::span<const http::Field> fields) {
  state_ = State::pending;
  keep_alive_ = false;
  std::string body(text);
  body += '\n';
  answer(status, "text/plain", body, fields);
}

void HttpPhase::answer_with_file(int status, std::string_view content_type,
                                 std::span<const http::Field> fields, net::Descriptor file,
                                 std::uint64_t offset, std::uint64_t length) {
  write_head(status, content_type, fields, http::BodyHeader::content_length, length);
  if (is_head_method_ || length == 0) return end_answer();
  file_ = std::make_unique<FileSource>(FileSource{std::move(file), offset, length});
  state_ = State::sending_file;
  send_more_of_file();
}

// One piece at a time, whenever the queue has drained: a large file costs no memory.
void HttpPhase::send_more_of_file() {
  SendQueue& queue = peer_.stream().queue();
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(file_->left, file_piece));
  ByteBuffer piece;
  const MutableBytes target = piece.grow(size);
  const auto result = server_.reactor().kernel().pread(file_->file.fd(), target, file_->offset);
  // The length has been announced: a file that became shorter leaves nothing to do but to break.
  if (result <= 0) return peer_.drop();
  const auto read = static_cast<std::size_t>(result);
  queue.append(target.first(read));
  file_->offset += read;
  file_->left -= read;
  peer_.stream().request_flush();
  if (file_->left != 0) return peer_.stream().notify_when_drained();
  file_.reset();
  end_answer();
}

bool HttpPhase::start_stream_answer(int status, std::string_view content_type,
                                    std::span<const http::Field> fields) {
  if (state_ != State::pending || peer_.is_dead()) return false;
  chunked_ = minor_version_ >= 1;
  if (!chunked_) keep_alive_ = false;
  const auto header = chunked_ ? http::BodyHeader::chunked : http::BodyHeader::none;
  if (!write_head(status, content_type, fields, header, 0)) {
    answer(500, {}, {}, {});
    return false;
  }
  state_ = State::streaming;
  if (is_head_method_) return finish_stream();
  peer_.stream().request_flush();
  if (peer_ended_) peer_.drop();
  return true;
}

SendStatus HttpPhase::write_piece(std::string_view piece) {
  if (!may_write()) return SendStatus::refused;
  SendQueue& queue = peer_.stream().queue();
  if (chunked_) {
    http::append_chunk(queue, as_bytes(piece));
  } else {
    queue.append(as_bytes(piece));
  }
  return written();
}

SendStatus HttpPhase::write_chunk(const SharedBytes& chunk) {
  if (!may_write()) return SendStatus::refused;
  if (!chunked_) return write_piece(without_framing(as_text(*chunk)));
  peer_.stream().queue().append(chunk);
  return written();
}

bool HttpPhase::may_write() const noexcept {
  return state_ == State::streaming && !peer_.is_dead() &&
         peer_.stream().queue().size() <= server_.options().websocket.send_limit;
}

SendStatus HttpPhase::written() {
  peer_.stream().request_flush();
  if (!output_is_full()) return SendStatus::ok;
  told_to_wait_ = true;
  peer_.stream().notify_when_drained();
  return SendStatus::congested;
}

bool HttpPhase::finish_stream() {
  if (state_ != State::streaming || peer_.is_dead()) return false;
  if (chunked_ && !is_head_method_) http::append_last_chunk(peer_.stream().queue());
  end_answer();
  return true;
}

bool HttpPhase::write_head(int status, std::string_view content_type,
                           std::span<const http::Field> fields, http::BodyHeader body,
                           std::uint64_t content_length) {
  const std::string_view persistent = minor_version_ == 0 ? "keep-alive" : "";
  return http::append_response_head(peer_.stream().queue(),
                                    {.status = status,
                                     .date = server_.date(),
                                     .connection = keep_alive_ ? persistent : "close",
                                     .content_type = content_type,
                                     .fields = fields,
                                     .body = body,
                                     .content_length = content_length});
}

void HttpPhase::end_answer() {
  on_gone_ = nullptr;
  on_drain_ = nullptr;
  peer_.stream().request_flush();
  if (!keep_alive_ || peer_ended_) return end_connection();
  state_ = State::head;
  set_deadline(server_.options().http.idle_timeout);
  // Requests that came meanwhile wait in the backlog.
  if (peer_.stream().has_backlog()) peer_.stream().resume_soon();
}

// --- Time and the end
// ----------------------------------------------------------------------------------

void HttpPhase::end_connection() {
  state_ = State::closing;
  set_deadline(server_.options().http.linger_timeout);
  peer_.stream().finish(server_.options().http.max_linger_size);
}

void HttpPhase::set_deadline(std::chrono::milliseconds timeout) {
  deadline_ =
      timeout.count() == 0 ? net::Clock::time_point::max() : peer_.host().reactor().now() + timeout;
  // Lazy: a timer that is due earlier looks again when it fires.
  if (deadline_ != net::Clock::time_point::max() && (!peer_.armed() || deadline_ < armed_for_)) {
    armed_for_ = deadline_;
    peer_.arm(deadline_);
  }
}

void HttpPhase::on_timer() {
  if (deadline_ == net::Clock::time_point::max()) return;
  if (peer_.host().reactor().now() < deadline_) {
    armed_for_ = deadline_;
    return peer_.arm(deadline_);
  }
  const bool half_a_request = head_begun_ || state_ == State::body;
  if (!half_a_request) return peer_.drop();
  refuse(408, "the request took too long");
}

void HttpPhase::on_end_of_stream() {
  peer_ended_ = true;
  // RFC 9112 section 9.6: who has ended its side may still wait for the answer. Nobody waits for
  // the end of a stream of events.
  if (state_ == State::pending) return;
  if (state_ == State::streaming) return peer_.drop();
  end_connection();
}

void HttpPhase::on_hang_up_seen() {
  peer_ended_ = true;
  if (state_ == State::streaming) peer_.drop();
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
  const bool open = state_ == State::pending || state_ == State::streaming;
  return open && request == request_count_ ? this : nullptr;
}

std::string_view HttpPhase::path_parameter(std::string_view name) const noexcept {
  return match_.parameter(name);
}

}  // namespace duplex::endpoint
