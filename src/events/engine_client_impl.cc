// Does what a session of Engine.IO asks for: requests, a WebSocket, time.
#include "events/engine_client_impl.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "duplex/codec/utf8.h"
#include "events/close_words.h"

namespace duplex::events {
namespace {

using engineio::CloseReason;

constexpr std::size_t shown_body = 200;  // bytes of a refusal, for people
// A poll is answered when there is something to say; that it takes too long is for the heartbeat to
// find out.
constexpr auto poll_timeout = std::chrono::hours(48);
// Less than the time for which servers keep them (Node: 5 s): a POST on a connection that has just
// been closed would be lost.
constexpr auto idle_timeout = std::chrono::seconds(3);

std::string refusal(std::string_view what, int status, std::string_view body) {
  std::string text = std::string(what) + ": the server answered " + std::to_string(status);
  if (!body.empty()) text += ": " + std::string(body.substr(0, shown_body));
  return text;
}

CloseReason reason_of(const CloseEvent& event) noexcept {
  const bool broken = event.error || event.violation != websocket::Violation::none;
  return broken ? CloseReason::transport_error : CloseReason::transport_close;
}

}  // namespace

// --- Requests ------------------------------------------------------------------------------------

// Differs from request to request, so that no cache answers.
std::string EngineClient::Impl::url_of(Transport transport) {
  const auto time = loop_.now().time_since_epoch().count();
  const std::string fresh = std::to_string(time) + '.' + std::to_string(++requests_);
  return address_.url_of(transport, session_.handshake().sid, fresh);
}

http::Seconds EngineClient::Impl::wall_clock() const {
  return std::chrono::floor<std::chrono::seconds>(loop_.kernel().wall_clock());
}

// A request has at most one Cookie field (RFC 6265 section 5.4).
std::vector<HeaderField> EngineClient::Impl::fields() const {
  std::vector<HeaderField> fields = options_.fields;
  const std::string cookies = cookies_.text(wall_clock());
  if (cookies.empty()) return fields;
  const auto own = std::ranges::find_if(
      fields, [](const HeaderField& field) { return http::iequals(field.name, "Cookie"); });
  if (own == fields.end()) {
    fields.push_back({"Cookie", cookies});
  } else {
    own->value += "; " + cookies;
  }
  return fields;
}

// --- Life ----------------------------------------------------------------------------------------

EngineClient::Impl::Impl(EngineClient& face, net::EventLoop& loop, std::string_view url,
                         EngineClientHandlers handlers, EngineClientOptions options)
    : face_(&face),
      loop_(loop),
      handlers_(std::move(handlers)),
      options_(std::move(options)),
      address_(url, options_),
      cookies_(options_.max_cookie_size),
      session_(new_session()),
      http_(std::make_unique<HttpClient>(
          loop, HttpClientOptions{.connect_timeout = options_.session.open_timeout,
                                  .response_timeout = poll_timeout,
                                  .idle_timeout = idle_timeout,
                                  .max_body_size = options_.max_message_size})),
      sockets_(new_sockets()) {}

std::unique_ptr<Client> EngineClient::Impl::new_sockets() const {
  ClientOptions options;
  options.websocket.max_message_size = options_.max_message_size;
  options.websocket.ping_interval = std::chrono::milliseconds(0);  // the session has its own
  options.connect_timeout = options_.session.open_timeout;
  return std::make_unique<Client>(loop_, options);
}

engineio::ClientSession EngineClient::Impl::new_session() const {
  if (options_.transports.empty()) throw std::invalid_argument("no transports");
  engineio::ClientSessionOptions options = options_.session;
  options.may_upgrade &= std::ranges::count(options_.transports, Transport::websocket) > 0;
  return {options_.transports[transport_index_], options, loop_.now()};
}

void EngineClient::Impl::start() {
  if (session_.transport() == Transport::websocket) open_socket();
  do_what_is_wanted();
}

void EngineClient::Impl::abandon() noexcept {
  face_ = nullptr;
  ended_ = true;
  loop_.cancel(timer_);
  http_.reset();
  sockets_.reset();
}

template <class F>
void EngineClient::Impl::enter(F&& work) {
  if (ended_) return;
  const auto self = shared_from_this();
  entered_ = true;
  try {
    work();
    entered_ = false;
    settle();
  } catch (...) {
    entered_ = false;
    session_.close(CloseReason::transport_error, "a handler threw");
    settle();
    throw;
  }
}

template <class F>
auto EngineClient::Impl::entering(F work) {
  return [weak = weak_from_this(), work = std::move(work)](auto&&... arguments) {
    const auto self = weak.lock();
    if (self != nullptr) self->enter([&] { work(*self, arguments...); });
  };
}

// --- What the session wants ----------------------------------------------------------------------

void EngineClient::Impl::do_what_is_wanted() {
  if (session_.wants_poll()) poll();
  if (session_.wants_post()) post();
  if (session_.wants_probe()) {
    session_.begin_probe(loop_.now());
    open_socket();
  }
  flush_socket();
  arm_timer();
}

void EngineClient::Impl::settle() {
  if (ended_) return;
  if (session_.try_upgrade()) on_upgraded();
  if (ended_) return;
  if (session_.is_closed()) return end();
  const bool is_probing = session_.is_probing();
  const bool has_socket = session_.transport() == Transport::websocket || is_probing;
  if (Connection* const unused = has_socket ? nullptr : socket()) unused->close();
  do_what_is_wanted();
  if (session_.is_closed()) end();
}

void EngineClient::Impl::on_upgraded() {
  // The packet that says so goes before whatever a handler sends.
  flush_socket();
  if (!session_.is_closed() && handlers_.on_upgrade) handlers_.on_upgrade(*face_);
}

void EngineClient::Impl::end() {
  if (!was_open_ && try_next_transport()) return;
  ended_ = true;
  loop_.cancel(timer_);
  http_->cancel(poll_);
  http_->cancel(post_);
  leave_socket();
  if (!handlers_.on_close) return;
  const EngineClose close = {.reason = session_.close_reason(), .detail = session_.close_detail()};
  handlers_.on_close(*face_, close);
}

bool EngineClient::Impl::try_next_transport() {
  const bool wanted =
      options_.try_all_transports && session_.close_reason() != CloseReason::forced_close;
  if (!wanted || transport_index_ + 1 >= options_.transports.size()) return false;
  ++transport_index_;
  http_->cancel(poll_);
  sockets_ = new_sockets();
  session_ = new_session();
  start();
  return true;
}

// --- Long polling --------------------------------------------------------------------------------

HttpResponseHandlers EngineClient::Impl::keeping_cookies() {
  HttpResponseHandlers handlers;
  handlers.on_head = [weak = weak_from_this()](const http::Response& head) {
    const auto self = weak.lock();
    if (self == nullptr) return;
    for (const http::Field& field : head.fields) {
      if (http::iequals(field.name, "Set-Cookie"))
        self->cookies_.take(field.value, self->wall_clock());
    }
  };
  return handlers;
}

void EngineClient::Impl::poll() {
  session_.begin_poll();
  HttpResponseHandlers handlers = keeping_cookies();
  handlers.on_done = entering([](Impl& self, int status, std::string_view body) {
    self.take_answer("GET", status, body);
    self.session_.end_poll();
  });
  handlers.on_failure = entering([](Impl& self, const HttpFailure& failure) {
    self.session_.close(CloseReason::transport_error, "GET: " + failure.message);
  });
  // Repeated, it would get the next answer; the lost one nobody would miss.
  poll_ =
      http_->request({.url = url_of(Transport::polling), .fields = fields(), .may_repeat = false},
                     std::move(handlers));
}

void EngineClient::Impl::post() {
  HttpResponseHandlers handlers = keeping_cookies();
  handlers.on_done = entering([](Impl& self, int status, std::string_view body) {
    if (status == 200) return self.session_.end_post();
    self.session_.close(CloseReason::transport_error, refusal("POST", status, body));
  });
  handlers.on_failure = entering([](Impl& self, const HttpFailure& failure) {
    self.session_.close(CloseReason::transport_error, "POST: " + failure.message);
  });
  HttpRequest request = {.method = "POST",
                         .url = url_of(Transport::polling),
                         .fields = fields(),
                         .body = session_.begin_post()};
  request.fields.push_back({"Content-Type", "text/plain;charset=UTF-8"});
  post_ = http_->request(std::move(request), std::move(handlers));
}

void EngineClient::Impl::take_answer(std::string_view method, int status, std::string_view body) {
  if (status != 200) {
    return session_.close(CloseReason::transport_error, refusal(method, status, body));
  }
  if (!codec::is_valid_utf8(as_bytes(body))) {
    return session_.close(CloseReason::parse_error, "a payload that is not UTF-8");
  }
  take_payload(body);
}

void EngineClient::Impl::take_payload(std::string_view payload) {
  engineio::PayloadReader reader(payload, options_.payload);
  while (auto packet = reader.next()) {
    take_packet(*std::move(packet));
    if (ended_ || session_.is_closed()) return;
  }
  if (!reader.fault().empty()) session_.close(CloseReason::parse_error, reader.fault());
}

void EngineClient::Impl::take_packet(engineio::Packet packet) {
  const auto message = session_.receive(std::move(packet), loop_.now());
  if (message && handlers_.on_message) handlers_.on_message(*face_, *message);
  if (was_open_ || !session_.is_open() || session_.is_finishing()) return;
  was_open_ = true;
  if (handlers_.on_open) handlers_.on_open(*face_);
}

// --- WebSocket -----------------------------------------------------------------------------------

Connection* EngineClient::Impl::socket() const noexcept { return sockets_->find(socket_); }

void EngineClient::Impl::open_socket() {
  ClientHandlers handlers;
  handlers.websocket.on_open =
      entering([](Impl& self, Connection&, const http::Request&) { self.on_socket_open(); });
  handlers.websocket.on_message =
      entering([](Impl& self, Connection&, Message message) { self.take_message(message); });
  handlers.websocket.on_close = entering([](Impl& self, Connection&, const CloseEvent& event) {
    self.on_socket_gone(reason_of(event), words_of(event));
  });
  handlers.on_failure = entering([](Impl& self, const OpeningFailure& failure) {
    self.on_socket_gone(CloseReason::transport_error, "WebSocket: " + failure.message);
  });
  socket_ = sockets_->connect(url_of(Transport::websocket), std::move(handlers),
                              {.fields = fields(), .deflate = options_.deflate});
}

// One that is open says good-bye; one that is being opened is dropped.
void EngineClient::Impl::leave_socket() {
  if (Connection* const connection = socket()) return connection->close();
  sockets_.reset();
}

void EngineClient::Impl::on_socket_open() {
  if (session_.is_probing()) socket()->send_text("2probe");
}

void EngineClient::Impl::take_message(Message message) {
  if (message.opcode == Opcode::binary && session_.transport() == Transport::websocket) {
    return take_packet({.type = engineio::PacketType::message,
                        .bytes = {{message.payload.begin(), message.payload.end()}}});
  }
  auto packet = engineio::parse_packet(message.text());
  if (session_.transport() == Transport::polling) {
    return session_.on_probe_answer(packet ? *packet : engineio::Packet());
  }
  if (!packet) return session_.close(CloseReason::parse_error, packet.error());
  take_packet(*std::move(packet));
}

void EngineClient::Impl::on_socket_gone(CloseReason reason, std::string why) {
  if (session_.transport() == Transport::websocket) return session_.close(reason, std::move(why));
  session_.drop_probe();
}

void EngineClient::Impl::flush_socket() {
  if (session_.transport() != Transport::websocket) return;
  Connection* const connection = socket();
  if (connection == nullptr) return;
  while (const auto message = session_.next_message()) {
    Message sent = message->is_bytes ? binary_message(as_bytes(message->content))
                                     : text_message(message->content);
    sent.compress = message->compress;
    if (connection->send(sent) == SendStatus::refused) {
      return session_.close(CloseReason::transport_error, "the WebSocket takes no more");
    }
  }
  if (session_.is_finishing()) connection->close();
}

// --- Sending -------------------------------------------------------------------------------------

void EngineClient::Impl::send(engineio::OutMessage message) {
  if (ended_) return;
  session_.send(std::move(message));
  if (entered_) return;
  do_what_is_wanted();
  if (session_.is_closed()) loop_.run_after({}, entering([](Impl&) {}));
}

void EngineClient::Impl::finish() {
  if (ended_) return;
  session_.finish(loop_.now());
  if (!entered_) loop_.run_after({}, entering([](Impl&) {}));
}

std::size_t EngineClient::Impl::queued_bytes() const noexcept {
  const Connection* const connection = ended_ ? nullptr : socket();
  return session_.queued_bytes() + (connection != nullptr ? connection->queued_bytes() : 0);
}

bool EngineClient::Impl::is_writable() const noexcept {
  return session_.is_open() && !session_.is_finishing() && !session_.is_posting() &&
         queued_bytes() == 0;
}

// --- Time ----------------------------------------------------------------------------------------

void EngineClient::Impl::arm_timer() {
  const auto due = session_.next_deadline();
  if (!due || (timer_ != net::TimerId::none && timer_due_ == *due)) return;
  loop_.cancel(timer_);
  timer_due_ = *due;
  const auto delay = std::max(*due - loop_.now(), engineio::Clock::duration::zero());
  timer_ = loop_.run_after(delay, entering([](Impl& self) {
                             self.timer_ = net::TimerId::none;
                             self.session_.advance(self.loop_.now());
                           }));
}

}  // namespace duplex::events
