// One HTTP request and the answer to it: RFC 9110, RFC 9112.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "duplex/base/bytes.h"
#include "duplex/endpoint/connection.h"
#include "duplex/http/message.h"

namespace duplex::endpoint {

// Names an exchange for longer than its handler: Server::find() gives it back, or null once it has
// been answered or its peer has gone.
struct ExchangeId {
  ConnectionId connection = {};
  std::uint32_t request = 0;  // counts the requests of the connection
  friend auto operator<=>(const ExchangeId&, const ExchangeId&) = default;
};

// Answer it in the handler with respond(), or keep id() and answer later (long polling), or stream
// (Server-Sent Events). A handler that returns without doing any of these has deferred the answer.
// While an answer is pending, no further request of that connection is read. Thread: the loop's.
class Exchange {
 public:
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  ExchangeId id() const noexcept;

  // The request and its body. Valid until the handler returns; gone (empty) later.
  const http::Request& request() const noexcept;
  Bytes body() const noexcept;
  // The part of the path that matched "{name}" in the route, percent-decoded; empty if there is
  // none.
  std::string_view parameter(std::string_view name) const noexcept;
  // The first query parameter of that name, percent-decoded ('+' is a space), or nothing.
  std::optional<std::string> query(std::string_view name) const;
  // The client's, as Connection::peer_address(): each request of a proxy may have another.
  net::Address peer_address() const;
  std::optional<net::TcpInfo> tcp_info() const;  // as Connection::tcp_info()

  // Sends the whole answer with Content-Length. False when it has been answered already, the peer
  // has gone, or a field cannot be sent (CR, LF or NUL in it: then the peer gets 500).
  bool respond(int status, std::string_view content_type, std::string_view body,
               std::initializer_list<http::Field> fields = {});
  bool respond(int status, std::string_view content_type, std::string_view body,
               std::span<const http::Field> fields);

  // Sends the head of an answer without end: chunked in HTTP/1.1, ended by close in HTTP/1.0.
  bool start_stream(int status, std::string_view content_type,
                    std::initializer_list<http::Field> fields = {});
  // One piece of it. `refused` when the peer has gone or the send limit is reached.
  SendStatus write(std::string_view piece);
  SendStatus write_shared(const SharedBytes& chunk);  // an already framed chunk: http::encode_chunk
  bool finish();  // ends the stream; the connection may be used again

  // Called once if the peer goes before the answer has been finished. Not called after.
  void on_gone(std::function<void()> handler);
  // Called once if the peer ends its side while the answer is still to be given, or has done so
  // when the handler of the request returns. It may have gone, or may still read the answer
  // (RFC 9112 section 9.6).
  void on_end(std::function<void()> handler);
  // Called when the queue has drained after write() said `congested`.
  void on_drain(std::function<void()> handler);

 protected:
  Exchange() = default;
  ~Exchange() = default;
};

using ExchangeHandler = std::function<void(Exchange&)>;

}  // namespace duplex::endpoint
