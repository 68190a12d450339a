// The calls a user makes on an exchange. Every Exchange is an HttpPhase.
#include "duplex/endpoint/exchange.h"

#include "duplex/http/target.h"
#include "endpoint/http_phase.h"

namespace duplex::endpoint {
namespace {

HttpPhase& phase_of(Exchange& exchange) noexcept { return static_cast<HttpPhase&>(exchange); }
const HttpPhase& phase_of(const Exchange& exchange) noexcept {
  return static_cast<const HttpPhase&>(exchange);
}

}  // namespace

ExchangeId Exchange::id() const noexcept { return phase_of(*this).exchange_id(); }

const http::Request& Exchange::request() const noexcept {
  return phase_of(*this).current_request();
}

Bytes Exchange::body() const noexcept { return phase_of(*this).current_body(); }

std::string_view Exchange::parameter(std::string_view name) const noexcept {
  return phase_of(*this).path_parameter(name);
}

std::optional<std::string> Exchange::query(std::string_view name) const {
  return http::query_parameter(request().query, name);
}

net::Address Exchange::peer_address() const {
  Peer& peer = const_cast<HttpPhase&>(phase_of(*this)).peer();
  return peer.host().address_of(peer);
}

std::optional<net::TcpInfo> Exchange::tcp_info() const {
  return const_cast<HttpPhase&>(phase_of(*this)).peer().tcp_info();
}

bool Exchange::respond(int status, std::string_view content_type, std::string_view body,
                       std::initializer_list<http::Field> fields) {
  return respond(status, content_type, body,
                 std::span<const http::Field>(fields.begin(), fields.size()));
}

bool Exchange::respond(int status, std::string_view content_type, std::string_view body,
                       std::span<const http::Field> fields) {
  return phase_of(*this).answer(status, content_type, body, fields);
}

bool Exchange::start_stream(int status, std::string_view content_type,
                            std::initializer_list<http::Field> fields) {
  return phase_of(*this).start_stream_answer(status, content_type, {fields.begin(), fields.size()});
}

SendStatus Exchange::write(std::string_view piece) { return phase_of(*this).write_piece(piece); }

SendStatus Exchange::write_shared(const SharedBytes& chunk) {
  return phase_of(*this).write_chunk(chunk);
}

bool Exchange::finish() { return phase_of(*this).finish_stream(); }

void Exchange::on_gone(std::function<void()> handler) {
  phase_of(*this).set_on_gone(std::move(handler));
}

void Exchange::on_end(std::function<void()> handler) {
  phase_of(*this).set_on_end(std::move(handler));
}

void Exchange::on_drain(std::function<void()> handler) {
  phase_of(*this).set_on_drain(std::move(handler));
}

}  // namespace duplex::endpoint
