// A client's connection until it speaks WebSocket; see opening_phase.h.
#include "endpoint/opening_phase.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/later.h"
#include "duplex/http/error.h"
#include "duplex/websocket/handshake.h"

namespace duplex::endpoint {
namespace {

constexpr std::size_t max_refusal_body = 4096;  // bytes kept of what the server said instead

std::string spelled(std::chrono::milliseconds time) {
  const bool whole = time % std::chrono::seconds(1) == std::chrono::milliseconds(0);
  return whole ? std::to_string(time.count() / 1000) + " s" : std::to_string(time.count()) + " ms";
}

std::string text_of(const http::Url& url) {
  return url.is_unix() ? url.unix_path : http::host_field(url);
}

}  // namespace

OpeningPhase::OpeningPhase(Peer& peer, Client::Impl& client, http::Url url, ClientHandlers handlers,
                           ConnectOptions options, std::string failure)
    : peer_(peer),
      client_(client),
      url_(std::move(url)),
      route_(std::make_unique<WebSocketRoute>()),
      on_failure_(std::move(handlers.on_failure)),
      options_(std::move(options)),
      parser_(client.parser_limits()) {
  route_->handlers = std::move(handlers.websocket);
  route_->protocol = client.options().websocket;
  if (options_.deliver_fragments) route_->protocol.deliver_fragments = true;
  route_->max_events_per_turn = client.options().max_events_per_turn;
  route_->max_inflated_per_turn = client.options().max_inflated_per_turn;
  route_->options.subprotocols = options_.subprotocols;
  route_->options.deflate = options_.deflate;
  route_->workshop = &client.workshop();
  failure_.message = std::move(failure);
}

void OpeningPhase::start() {
  if (!failure_.message.empty()) return peer_.drop();
  const auto deadline = later(peer_.now(), client_.options().connect_timeout);
  peer_.arm(deadline);
  dialer_ = std::make_unique<Dialer>(peer_.host().reactor(), static_cast<DialerOwner&>(*this));
  dialer_->start(url_, deadline);
}

void OpeningPhase::on_dial_failed(std::error_code error, const std::string& why) {
  fail("cannot connect to " + text_of(url_) + ": " + why, error);
}

void OpeningPhase::on_dialed(int fd) {
  dialer_.reset();
  if (peer_.is_dead()) {
    peer_.host().reactor().kernel().close(fd);
    return;
  }
  peer_.adopt(fd);
  if (!peer_.is_dead()) send_request();
}

// --- The request ---------------------------------------------------------------------------------

void OpeningPhase::send_request() {
  std::array<std::byte, 16> nonce;
  if (const int result = peer_.host().reactor().kernel().random(nonce); result < 0) {
    return fail("no random bytes for the key", {-result, std::system_category()});
  }
  key_ = websocket::make_key(nonce);
  std::vector<http::Field> fields;
  for (const HeaderField& field : options_.fields) fields.push_back({field.name, field.value});
  const std::string extensions =
      options_.deflate ? websocket::deflate_offer(*options_.deflate) : std::string();
  const bool sendable = websocket::append_handshake_request(peer_.stream().queue(),
                                                            {.host = http::host_field(url_),
                                                             .target = url_.path_and_query,
                                                             .key = key_,
                                                             .origin = options_.origin,
                                                             .subprotocols = options_.subprotocols,
                                                             .extensions = extensions,
                                                             .fields = fields});
  if (!sendable) return fail("a header field, subprotocol or the origin cannot be sent as it is");
  peer_.stream().request_flush();
}

// --- The answer ----------------------------------------------------------------------------------

MutableBytes OpeningPhase::on_bytes(MutableBytes bytes) {
  parser_.receive(bytes);
  while (!peer_.is_dead() && successor_ == nullptr) {
    const auto event = parser_.next_event();
    if (!event) break;
    handle(*event);
  }
  return parser_.take_unread();
}

void OpeningPhase::handle(const http::Event& event) {
  using Kind = http::Event::Kind;
  if (event.kind == Kind::error) {
    return fail("the answer is not HTTP: " + std::string(http::describe(event.error)));
  }
  const int status = parser_.response().status;
  if (event.kind == Kind::head) return judge(parser_.response());
  if (status < 200) return;  // 1xx: the answer is still to come
  if (event.kind == Kind::body) return gather_refusal(event.body);
  peer_.drop();  // the refusal is complete; on_closed() tells
}

void OpeningPhase::judge(const http::Response& response) {
  if (response.status < 200 && response.status != 101) {
    if (++informational_count_ > http::max_informational) fail("too many 1xx answers");
    return;
  }
  if (response.status != 101) {
    failure_.status = response.status;
    failure_.message = "the server answered " + std::to_string(response.status) + ' ' +
                       std::string(response.reason) + " instead of 101";
    return;
  }
  open(response);
}

void OpeningPhase::open(const http::Response& response) {
  static constexpr std::array spoken = {websocket::deflate_name};
  const auto answer = websocket::verify_handshake(
      response, key_, options_.subprotocols,
      std::span<const std::string_view>(spoken).first(options_.deflate ? 1 : 0));
  if (!answer) return fail(std::string(websocket::describe(answer.error())));
  std::optional<websocket::DeflateParameters> agreed;
  if (!answer->extensions.empty()) {
    agreed = websocket::judge_deflate_response(answer->extensions.front(), *options_.deflate);
    const auto wrong = websocket::HandshakeError::extension_parameters_wrong;
    if (!agreed) return fail(std::string(websocket::describe(wrong)));
  }
  auto phase = std::make_unique<ClientWebSocketPhase>(peer_, std::move(route_), answer->subprotocol,
                                                      client_.masking_keys());
  if (agreed) phase->use_deflate(*agreed);
  peer_.switch_soon();
  successor_ = std::move(phase);
}

void OpeningPhase::hand_over(Phase& successor) {
  opened_ = true;
  // What on_open sees: the target that was asked for, and the fields of the answer.
  http::Request request;
  request.method = "GET";
  request.target = url_.path_and_query;
  request.path = url_.path_and_query;
  request.fields = parser_.response().fields;
  static_cast<WebSocketPhase&>(successor).open(request);
}

void OpeningPhase::gather_refusal(Bytes piece) {
  const std::size_t room = max_refusal_body - failure_.body.size();
  failure_.body += as_text(piece.first(std::min(room, piece.size())));
  if (failure_.body.size() == max_refusal_body) peer_.drop();
}

// --- The end -------------------------------------------------------------------------------------

void OpeningPhase::on_end_of_stream() {
  fail("the server closed the connection during the opening handshake");
}

void OpeningPhase::on_timer() {
  fail("no connection after " + spelled(client_.options().connect_timeout),
       std::make_error_code(std::errc::timed_out));
}

void OpeningPhase::fail(std::string message, std::error_code error) {
  if (failure_.message.empty()) failure_.message = std::move(message);
  if (!failure_.error) failure_.error = error;
  peer_.drop();
}

void OpeningPhase::on_closed(std::error_code error) {
  if (opened_ || !on_failure_) return;
  if (error) failure_.error = error;
  // Without memory for the sentence, the error has to do.
  if (failure_.message.empty()) {
    peer_.host().call([&] {
      failure_.message = "the connection broke during the opening handshake: " + error.message();
    });
  }
  peer_.host().call([&] { on_failure_(failure_); });
}

}  // namespace duplex::endpoint
