// One connection of an HttpClient; see http_link.h.
#include "endpoint/http_link.h"

#include <utility>
#include <vector>

#include "base/later.h"
#include "duplex/http/error.h"
#include "duplex/http/serialize.h"
#include "endpoint/http_client_impl.h"
#include "net/error.h"

namespace duplex::endpoint {
HttpLink::HttpLink(HttpClient::Impl& client, const http::ParserLimits& limits) noexcept
    : client_(client), stream_(client.reactor(), *this), parser_(limits) {}

HttpLink::~HttpLink() { client_.reactor().disarm_fairly(*this); }

// --- The request ---------------------------------------------------------------------------------

void HttpLink::start(std::unique_ptr<PendingRequest> pending) noexcept {
  pending_ = std::move(pending);
  try {
    state_ == State::idle ? send() : dial();
  } catch (...) {
    fail({}, net::error_of_exception());
  }
}

void HttpLink::arm(std::chrono::milliseconds timeout) {
  net::Reactor& reactor = client_.reactor();
  reactor.arm_fairly(*this, later(reactor.fair_now(), timeout));
}

void HttpLink::dial() {
  origin_ = origin_of(pending_->url);
  arm(client_.options().connect_timeout);
  dialer_ = std::make_unique<Dialer>(client_.reactor(), static_cast<DialerOwner&>(*this));
  const auto timeout = client_.options().connect_timeout;
  dialer_->start(pending_->url, later(client_.reactor().fair_now(), timeout));
}

void HttpLink::refuse(std::unique_ptr<PendingRequest> pending, std::string why) {
  pending_ = std::move(pending);
  fail(std::move(why));
}

void HttpLink::on_dial_failed(std::error_code error, const std::string& why) {
  fail("cannot connect to " + origin_ + ": " + why, error);
}

void HttpLink::on_dialed(int fd) {
  dialer_.reset();
  if (is_dead()) {
    client_.reactor().kernel().close(fd);
    return;
  }
  ++client_.counters().connections_opened;
  if (const std::error_code error = stream_.open(fd)) {
    return fail("cannot watch the connection to " + origin_, error);
  }
  send();
}

void HttpLink::send() {
  const HttpRequest& request = pending_->request;
  state_ = State::busy;
  answer_begun_ = false;
  final_head_ = false;
  informational_count_ = 0;
  parser_.set_answers_head(request.method == "HEAD");
  std::vector<http::Field> fields;
  for (const HeaderField& field : request.fields) fields.push_back({field.name, field.value});
  if (!client_.options().keep_alive) fields.push_back({"Connection", "close"});
  const bool has_body =
      !request.body.empty() || request.method == "POST" || request.method == "PUT";
  const std::string host = http::host_field(pending_->url);
  const bool sendable = http::append_request_head(
      stream_.queue(),
      {.method = request.method,
       .target = pending_->url.path_and_query,
       .host = host,
       .fields = fields,
       .body = has_body ? http::BodyHeader::content_length : http::BodyHeader::none,
       .content_length = request.body.size()});
  if (!sendable) return fail("the method or a header field cannot be sent as it is");
  stream_.queue().append(as_bytes(request.body));
  stream_.request_flush();
  arm(client_.options().response_timeout);
}

// --- The answer ----------------------------------------------------------------------------------

MutableBytes HttpLink::on_bytes(MutableBytes bytes) {
  client_.counters().bytes_received += bytes.size();
  if (state_ == State::idle) {
    die();  // an answer that nobody asked for: nothing that follows can be trusted
    return {};
  }
  answer_begun_ = true;
  parser_.receive(bytes);
  while (state_ == State::busy) {
    const auto event = parser_.next_event();
    if (!event) break;
    handle(*event);
  }
  return parser_.take_unread();
}

void HttpLink::handle(const http::Event& event) {
  switch (event.kind) {
    case http::Event::Kind::head:
      return on_head();
    case http::Event::Kind::body:
      return take_body(event.body);
    case http::Event::Kind::end:
      if (final_head_) complete();  // else the end of a 1xx answer
      return;
    case http::Event::Kind::error:
      return fail("the answer of " + origin_ +
                  " is not HTTP: " + std::string(http::describe(event.error)));
  }
}

void HttpLink::on_head() {
  const http::Response& response = parser_.response();
  if (response.status < 200 && response.status != 101) {
    if (++informational_count_ > http::max_informational) {
      fail(origin_ + " sent more than " + std::to_string(http::max_informational) +
           " answers of 1xx and no other");
    }
    return;
  }
  final_head_ = true;
  if (pending_->handlers.on_body) {
    client_.reactor().disarm_fairly(*this);
  } else {
    arm(client_.options().body_timeout);
  }
  if (const auto& handler = pending_->handlers.on_head) {
    client_.reactor().guard([&] { handler(response); });
  }
}

void HttpLink::take_body(Bytes piece) {
  if (const auto& handler = pending_->handlers.on_body) {
    return client_.reactor().guard([&] { handler(piece); });
  }
  if (body_.size() + piece.size() > client_.options().max_body_size) {
    return fail("the answer of " + origin_ + " is longer than " +
                std::to_string(client_.options().max_body_size) + " bytes");
  }
  body_ += as_text(piece);
}

// The link is free before the user hears of it: the next request may use it.
void HttpLink::complete() {
  const auto done = std::move(pending_);
  const std::string body = std::exchange(body_, {});
  const int status = parser_.response().status;
  // What follows the answer would be taken for the next one.
  const bool in_step = parser_.take_unread().empty();
  const bool reusable = in_step && parser_.response().keep_alive && client_.options().keep_alive;
  if (reusable && client_.may_idle()) {
    become_idle();
  } else {
    die();
  }
  if (!done->handlers.on_done) return;
  client_.reactor().guard([&] { done->handlers.on_done(status, body); });
}

void HttpLink::become_idle() {
  state_ = State::idle;
  used_before_ = true;
  arm(client_.options().idle_timeout);
}

// --- The end -------------------------------------------------------------------------------------

void HttpLink::on_end_of_stream() {
  if (state_ != State::busy) return die();
  const auto event = answer_begun_ ? parser_.receive_eof() : std::nullopt;
  if (event && event->kind == http::Event::Kind::end) return complete();
  fail(origin_ + " closed the connection before its answer was complete");
}

void HttpLink::on_closed(std::error_code error) {
  fail(net::sentence([&] { return "the connection to " + origin_ + " broke: " + error.message(); }),
       error);
}

void HttpLink::on_timer() {
  if (state_ == State::idle) return die();
  const bool dialing = state_ == State::dialing;
  fail(net::sentence(
           [&] { return origin_ + (dialing ? ": no connection in time" : ": no answer in time"); }),
       std::make_error_code(std::errc::timed_out));
}

void HttpLink::on_written(std::size_t size) { client_.counters().bytes_sent += size; }

// RFC 9112 section 9.3.1: a server may close an idle connection just when we begin to use it.
bool HttpLink::may_repeat() const noexcept {
  const std::string& method = pending_->request.method;
  const bool idempotent = method != "POST" && method != "PATCH" && method != "CONNECT";
  const bool may = idempotent && pending_->request.may_repeat;
  return used_before_ && !answer_begun_ && !pending_->repeated && may;
}

void HttpLink::fail(std::string message, std::error_code error) {
  if (is_dead()) return;
  failure_ = {.message = std::move(message), .error = error};
  const bool hopeless = error == std::errc::timed_out || error == std::errc::not_enough_memory;
  if (pending_ != nullptr && !hopeless && may_repeat()) {
    pending_->repeated = true;
    // Without memory for another link the user hears of the first failure.
    client_.reactor().guard([&] { client_.repeat(pending_); });
  }
  die();
}

void HttpLink::die() noexcept {
  if (is_dead()) return;
  state_ = State::dead;
  stream_.close();
  client_.reactor().disarm_fairly(*this);
  client_.reactor().bury(*this);
}

void HttpLink::abandon() noexcept {
  // The request stays until the end of the turn: one of its handlers may be running.
  abandoned_ = true;
  die();
}

void HttpLink::destroy() {
  const auto failed = std::move(pending_);
  if (failed != nullptr && !abandoned_ && failed->handlers.on_failure) {
    client_.reactor().guard([&] { failed->handlers.on_failure(failure_); });
  }
  client_.erase(*this);
}

}  // namespace duplex::endpoint
