// An HTTP/1.1 client on one EventLoop with keep-alive, streaming and Server-Sent Events.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "duplex/base/bytes.h"
#include "duplex/endpoint/client.h"
#include "duplex/http/message.h"
#include "duplex/net/event_loop.h"

namespace duplex::endpoint {

struct HttpClientOptions {
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(10);
  std::chrono::milliseconds response_timeout = std::chrono::seconds(60);  // request sent to head
  std::chrono::milliseconds body_timeout = std::chrono::seconds(60);  // head to end, when gathered
  std::chrono::milliseconds idle_timeout = std::chrono::seconds(30);  // connections kept alive
  std::size_t max_head_size = std::size_t{16} << 10;                  // bytes
  std::size_t max_body_size = std::size_t{16} << 20;  // bytes, when the body is gathered
  std::size_t max_idle_connections = 64;              // per client
  bool keep_alive = true;                             // false: a new connection per request
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // http://host[:port]/path?query, or http+unix:/socket:/path
  std::vector<HeaderField> fields = {};  // Host, Content-Length are ours; CR, LF, NUL are refused
  std::string body = {};
  // False: never sent a second time by itself, whatever its method; see HttpClient::request().
  bool may_repeat = true;
};

struct HttpFailure {
  std::string message;
  std::error_code error = {};
};

struct HttpResponseHandlers {
  // The head, once; 1xx answers are skipped. Views valid until the handler returns.
  std::function<void(const http::Response&)> on_head = {};
  // Body as it arrives, chunks decoded, for as long as the server goes on. When empty, the body is
  // gathered for on_done, within max_body_size and body_timeout.
  std::function<void(Bytes)> on_body = {};
  // The end of the answer; `body` is what was gathered.
  std::function<void(int status, std::string_view body)> on_done = {};
  std::function<void(const HttpFailure&)> on_failure = {};
};

enum class RequestId : std::uint64_t { none = 0 };

class HttpClient {
 public:
  explicit HttpClient(net::EventLoop& loop, HttpClientOptions options = {});
  ~HttpClient();  // drops everything; no handler is called
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // One request at a time on each connection; a free connection to the same host and port is used
  // again, and the request is repeated once if the server had just closed that one (RFC 9112
  // section 9.3.1), the method is idempotent and it may be. Handlers are never called from inside
  // this call.
  RequestId request(HttpRequest request, HttpResponseHandlers handlers);
  void cancel(RequestId id);  // drops its connection; no handler is called any more

  std::uint64_t bytes_received() const noexcept;  // from sockets, since the start
  std::uint64_t bytes_sent() const noexcept;      // to sockets, since the start
  std::uint64_t connections_opened() const noexcept;

  net::EventLoop& loop() noexcept;

  class Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

// --- Server-Sent Events (WHATWG HTML, section 9.2) -----------------------------------------------

struct SseEvent {
  std::string_view type;  // "message" unless the stream said otherwise
  std::string_view data;
  std::string_view id;  // the last event id at this event
};

struct SseHandlers {
  std::function<void()> on_open = {};
  std::function<void(const SseEvent&)> on_event = {};
  // The stream ended or failed. Return true to reconnect after the retry time with Last-Event-ID.
  std::function<bool(const HttpFailure&)> on_error = {};
};

// Connects at once, and again after each end for which on_error says so. `client` must outlive it.
class EventSource {
 public:
  EventSource(HttpClient& client, std::string url, SseHandlers handlers,
              std::vector<HeaderField> fields = {});
  ~EventSource();  // closes it; no handler is called
  EventSource(const EventSource&) = delete;
  EventSource& operator=(const EventSource&) = delete;

  void close();
  std::string_view last_event_id() const noexcept;

  class Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace duplex::endpoint
