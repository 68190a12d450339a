// One connection of an HttpClient: dials, carries one request at a time, and waits for the next.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <system_error>

#include "base/slot_map.h"
#include "duplex/endpoint/http_client.h"
#include "duplex/http/parser.h"
#include "duplex/http/url.h"
#include "endpoint/dialer.h"
#include "net/reactor.h"
#include "net/stream.h"

namespace duplex::endpoint {

// A request on its way, with all that is needed to send it again.
struct PendingRequest {
  RequestId id = RequestId::none;
  HttpRequest request = {};
  http::Url url = {};
  HttpResponseHandlers handlers = {};
  bool repeated = false;  // it has been sent before, on a connection that the server had closed
};

// Owner: the slot map of its client. Thread: the loop's.
class HttpLink final : public net::StreamOwner,
                       private net::Timer,
                       private net::Mortal,
                       private DialerOwner {
 public:
  HttpLink(HttpClient::Impl& client, const http::ParserLimits& limits) noexcept;
  ~HttpLink() override;

  void set_id(SlotId id) noexcept { id_ = id; }
  SlotId id() const noexcept { return id_; }
  // "host:port" or the path of the socket: who may use this connection again.
  const std::string& origin() const noexcept { return origin_; }
  bool is_idle() const noexcept { return state_ == State::idle; }
  bool is_dead() const noexcept { return state_ == State::dead; }
  bool carries(RequestId id) const noexcept { return pending_ && pending_->id == id; }

  // Takes the request: on a new link after dialing, on an idle one at once. What fails here is told
  // at the end of the turn.
  void start(std::unique_ptr<PendingRequest> pending) noexcept;
  // Reports at the end of the turn that the request cannot even be tried.
  void refuse(std::unique_ptr<PendingRequest> pending, std::string why);
  // Closes at once; no handler is called any more.
  void abandon() noexcept;

  MutableBytes on_bytes(MutableBytes bytes) override;
  void on_end_of_stream() override;
  void on_written(std::size_t size) override;
  void on_drained() override {}
  void on_closed(std::error_code error) override;

 private:
  enum class State : std::uint8_t { dialing, busy, idle, dead };

  void on_dialed(int fd) override;
  void on_dial_failed(std::error_code error, const std::string& why) override;
  void on_timer() override;
  void destroy() override;

  void arm(std::chrono::milliseconds timeout);
  void dial();
  void send();
  void handle(const http::Event& event);
  void on_head();
  void take_body(Bytes piece);
  void complete();
  void become_idle();
  bool may_repeat() const noexcept;
  void fail(std::string message, std::error_code error = {});
  void die() noexcept;

  HttpClient::Impl& client_;
  net::Stream stream_;
  std::unique_ptr<Dialer> dialer_;
  http::ResponseParser parser_;
  std::unique_ptr<PendingRequest> pending_;
  std::string origin_;
  std::string body_;
  HttpFailure failure_;
  SlotId id_;
  State state_ = State::dialing;
  bool abandoned_ = false;       // no handler is called any more
  bool used_before_ = false;     // an earlier request was answered here
  bool answer_begun_ = false;    // some byte of the answer has come
  bool final_head_ = false;      // the head after all 1xx has come
  int informational_count_ = 0;  // answers of 1xx to this request
};

}  // namespace duplex::endpoint
