// A reader of Server-Sent Events that reconnects: WHATWG HTML section 9.2.
#include <optional>
#include <utility>

#include "base/later.h"
#include "duplex/endpoint/http_client.h"
#include "duplex/http/event_stream.h"
#include "duplex/http/message.h"
#include "net/reactor.h"

namespace duplex::endpoint {
namespace {

constexpr std::chrono::milliseconds default_reconnection_time = std::chrono::seconds(3);

bool is_event_stream(const http::Response& response) noexcept {
  constexpr std::string_view type = "text/event-stream";
  const auto value = response.fields.find("Content-Type");
  return response.status == 200 && value && value->size() >= type.size() &&
         http::iequals(value->substr(0, type.size()), type);
}

}  // namespace

// Owner: an EventSource; after that the dying list, so that a handler may destroy its source.
class EventSource::Impl final : private net::Timer, private net::Mortal {
 public:
  Impl(HttpClient& client, std::string url, SseHandlers handlers, std::vector<HeaderField> fields)
      : client_(client),
        reactor_(client.loop().reactor()),
        url_(std::move(url)),
        handlers_(std::move(handlers)),
        fields_(std::move(fields)) {}

  void connect();
  void close() noexcept;
  void abandon() noexcept;
  std::string_view last_event_id() const noexcept { return last_event_id_; }

 private:
  void on_head(const http::Response& response);
  void on_body(Bytes piece);
  void on_end(const HttpFailure& failure);
  void on_timer() override { connect(); }
  void destroy() override { delete this; }

  HttpClient& client_;
  net::Reactor& reactor_;
  std::string url_;
  SseHandlers handlers_;
  std::vector<HeaderField> fields_;
  RequestId request_ = RequestId::none;
  std::optional<http::EventStreamReader> reader_;  // of the present connection
  std::string last_event_id_;
  std::chrono::milliseconds reconnection_time_ = default_reconnection_time;
  bool abandoned_ = false;  // destroyed by its user, perhaps from a handler
};

void EventSource::Impl::connect() {
  reader_.emplace();
  HttpRequest request{.url = url_, .fields = fields_};
  request.fields.push_back({"Accept", "text/event-stream"});
  request.fields.push_back({"Cache-Control", "no-store"});
  if (!last_event_id_.empty()) request.fields.push_back({"Last-Event-ID", last_event_id_});
  request_ = client_.request(
      std::move(request),
      {.on_head = [this](const http::Response& response) { on_head(response); },
       .on_body = [this](Bytes piece) { on_body(piece); },
       .on_done = [this](int, std::string_view) { on_end({.message = "the stream ended"}); },
       .on_failure = [this](const HttpFailure& failure) { on_end(failure); }});
}

void EventSource::Impl::on_head(const http::Response& response) {
  if (!is_event_stream(response)) {
    const int status = response.status;
    close();
    return on_end(
        {.message = url_ + ": status " + std::to_string(status) + " is not a stream of events"});
  }
  if (handlers_.on_open) reactor_.guard(handlers_.on_open);
}

void EventSource::Impl::on_body(Bytes piece) {
  reader_->receive(piece);
  while (request_ != RequestId::none) {
    const auto event = reader_->next_event();
    if (!event) break;
    last_event_id_ = event->id;
    if (!handlers_.on_event) continue;
    reactor_.guard(
        [&] { handlers_.on_event({.type = event->type, .data = event->data, .id = event->id}); });
  }
  if (request_ == RequestId::none || !reader_->failed()) return;
  close();
  on_end({.message = url_ + ": an event is too long"});
}

void EventSource::Impl::on_end(const HttpFailure& failure) {
  request_ = RequestId::none;
  if (const auto retry = reader_->reconnection_time()) reconnection_time_ = *retry;
  bool again = false;
  if (handlers_.on_error) reactor_.guard([&] { again = handlers_.on_error(failure); });
  if (again && !abandoned_) reactor_.arm(*this, later(reactor_.now(), reconnection_time_));
}

void EventSource::Impl::close() noexcept {
  reactor_.disarm(*this);
  client_.cancel(std::exchange(request_, RequestId::none));
}

void EventSource::Impl::abandon() noexcept {
  abandoned_ = true;
  close();
  reactor_.bury(*this);
}

EventSource::EventSource(HttpClient& client, std::string url, SseHandlers handlers,
                         std::vector<HeaderField> fields)
    : impl_(
          std::make_unique<Impl>(client, std::move(url), std::move(handlers), std::move(fields))) {
  impl_->connect();
}

EventSource::~EventSource() { impl_.release()->abandon(); }

void EventSource::close() { impl_->close(); }

std::string_view EventSource::last_event_id() const noexcept { return impl_->last_event_id(); }

}  // namespace duplex::endpoint
