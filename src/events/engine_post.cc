// What clients send by POST: many packets in one body, of which each turn takes some.
#include <utility>

#include "base/first_failure.h"
#include "events/engine_server_impl.h"

namespace duplex::events {
namespace {

using engineio::CloseReason;

// Others have their turn after so many, as they have after so many messages of a WebSocket.
constexpr std::size_t packets_per_turn = 128;
constexpr std::size_t bytes_per_turn = std::size_t{64} << 10;

// While packets are taken, so that one answer has what comes of all of them.
class HeldOutput {
 public:
  explicit HeldOutput(EngineSession::Impl& session) : session_(session) {
    session_.holds_output = true;
  }
  ~HeldOutput() { session_.holds_output = false; }
  HeldOutput(const HeldOutput&) = delete;
  HeldOutput& operator=(const HeldOutput&) = delete;

 private:
  EngineSession::Impl& session_;
};

// How the packets of a body are told apart. Only revision 3 has bytes in payloads.
std::optional<engineio::PayloadForm> form_of(const http::Request& request,
                                             engineio::Revision revision) {
  const bool is_bytes = request.fields.find("Content-Type") == "application/octet-stream";
  if (revision == engineio::Revision::three) {
    return is_bytes ? engineio::PayloadForm::counted_bytes : engineio::PayloadForm::counted;
  }
  return is_bytes ? std::nullopt : std::optional(engineio::PayloadForm::separated);
}

}  // namespace

// Two at once are a client's fault: nobody knows what comes first.
void EngineServer::Impl::take_payload(Session& session, Exchange& exchange, AnswerTerms terms) {
  const auto form = form_of(exchange.request(), session.session.dialect().revision);
  if (!form || session.post) {
    const EngineFault fault =
        bad_request(form ? "a POST while another one is read" : "a body of bytes, of revision 3");
    close(session, CloseReason::transport_error, fault.context);
    return refuse(exchange, fault);
  }
  engineio::PayloadReader reader(as_text(exchange.body()), options_.payload, *form);
  if (take_packets(session, reader)) {
    return answer_post(session, exchange, exchange.request(), terms, reader.fault());
  }
  session.post = std::make_shared<Session::Post>(exchange, std::move(terms), reader);
  take_rest_later(session);
}

// What was in it is lost, as nothing else of a session may be: that ends.
void EngineServer::Impl::refuse_body(Session& session, Exchange& exchange,
                                     const AnswerTerms& terms) {
  const EngineFault fault =
      bad_request("a body of " + std::to_string(exchange.body().size()) +
                  " bytes, above the limit of " + std::to_string(options_.session.max_payload));
  FirstFailure failure;
  failure.run([&] { tell(fault, asked(exchange.request(), exchange)); });
  failure.run([&] { close(session, CloseReason::transport_error, fault.context); });
  http_.respond(exchange, 413, "text/plain", "the body is too large\n", terms);
  failure.rethrow();
}

// False when more are left for another turn.
bool EngineServer::Impl::take_packets(Session& session, engineio::PayloadReader& reader) {
  const HeldOutput held(session);
  const std::size_t before = reader.rest().size();
  for (std::size_t count = 0; count < packets_per_turn; ++count) {
    if (before - reader.rest().size() >= bytes_per_turn) return false;
    auto packet = reader.next();
    if (!packet) return true;
    take_packet(session, *std::move(packet));
    if (!session.is_open()) return true;
  }
  return false;
}

void EngineServer::Impl::take_rest_later(Session& session) {
  server_.loop().run_after({}, [weak = session.weak_from_this()] {
    const auto held = weak.lock();
    if (held == nullptr || held->engine == nullptr) return;
    const auto self = held->engine->shared_from_this();
    self->take_rest(*held);
  });
}

void EngineServer::Impl::take_rest(Session& session) {
  const auto post = session.post;
  if (post == nullptr) return;  // a change of the transport did not wait
  bool is_all = true;
  FirstFailure failure;
  post->is_read_now = true;
  failure.run([&] { is_all = take_packets(session, post->reader); });
  post->is_read_now = false;
  if (abandoned_) return failure.rethrow();
  if (is_all) {
    session.post = nullptr;
    failure.run([&] { finish_post(session, *post, failure.has_failed()); });
  } else {
    take_rest_later(session);
  }
  flush(session);
  failure.rethrow();
}

void EngineServer::Impl::finish_post(Session& session, const Session::Post& post, bool has_thrown) {
  Exchange* const exchange = server_.find(post.exchange);
  if (has_thrown) {
    if (exchange != nullptr) exchange->respond(500, "text/plain", "");
  } else if (exchange != nullptr) {
    answer_post(session, *exchange, post.request.view(), post.terms, post.reader.fault());
  } else if (!post.reader.fault().empty()) {
    close(session, CloseReason::parse_error, post.reader.fault());
  }
}

// Whoever hears of the fault may throw: it is answered all the same.
void EngineServer::Impl::answer_post(Session& session, Exchange& exchange,
                                     const http::Request& request, const AnswerTerms& terms,
                                     const std::string& fault) {
  if (fault.empty()) return http_.respond(exchange, 200, "text/html", "ok", terms);
  FirstFailure failure;
  failure.run([&] { close(session, CloseReason::parse_error, fault); });
  failure.run([&] { tell(bad_request(fault), asked(request, exchange)); });
  http_.refuse(exchange, bad_request(fault), terms.origin);
  failure.rethrow();
}

// Its session has ended: what has not been read is for nobody.
void EngineServer::Impl::end_post(Session& session) {
  if (session.post == nullptr || (session.post->is_read_now && !abandoned_)) return;
  const auto post = std::exchange(session.post, nullptr);
  Exchange* const exchange = server_.find(post->exchange);
  if (exchange == nullptr) return;
  if (post->is_read_now) return http_.respond(*exchange, 200, "text/html", "ok", post->terms);
  http_.refuse(*exchange, bad_request("the session has ended"), post->terms.origin);
}

}  // namespace duplex::events
