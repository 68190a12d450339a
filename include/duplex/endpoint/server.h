// An HTTP and WebSocket server on one EventLoop.
//
// For more threads run one loop and one server on each, with reuse_port: nothing is shared.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "duplex/endpoint/connection.h"
#include "duplex/endpoint/exchange.h"
#include "duplex/net/event_loop.h"
#include "duplex/net/kernel.h"
#include "duplex/websocket/deflate_parameters.h"
#include "duplex/websocket/protocol.h"

namespace duplex::endpoint {

// Every limit of the HTTP side, with its default. A time of 0 switches that deadline off. When
// a loop wakes long after a deadline of a peer, because the process was stopped or a handler has
// blocked, the peer is not late: what came meanwhile is read first, and the time that the loop has
// missed is given to all of its peers.
struct HttpLimits {
  std::size_t max_target_size = 8192;                 // bytes; more: 414
  std::size_t max_head_size = std::size_t{16} << 10;  // bytes of start-line and fields; more: 431
  std::size_t max_field_count = 100;                  // more: 431
  std::size_t max_body_size = 1'000'000;              // bytes; more: 413
  std::chrono::milliseconds head_timeout = std::chrono::seconds(10);   // whole head; then 408
  std::chrono::milliseconds body_timeout = std::chrono::seconds(10);   // plus 1 s for each 64 KiB
  std::chrono::milliseconds idle_timeout = std::chrono::seconds(65);   // between requests
  std::chrono::milliseconds linger_timeout = std::chrono::seconds(2);  // reading off after an error
  std::size_t max_linger_size = std::size_t{256} << 10;  // bytes read off after an error
  // Silence of a stream of events (text/event-stream) after which the server writes a comment, ":",
  // which applications do not see: proxies keep the stream, and a peer that has vanished is found
  // out. Not in the middle of an event, nor while anything waits to be taken.
  std::chrono::milliseconds event_stream_heartbeat = std::chrono::seconds(15);
};

struct ServerOptions {
  std::string host = "127.0.0.1";  // IPv4 or IPv6 literal, "localhost", "::" for all
  std::uint16_t port = 0;          // 0: the kernel picks one; see Server::port()
  std::string unix_path = {};      // listens on this Unix-domain socket instead of host and port
  bool reuse_port = false;         // SO_REUSEPORT: several servers share one port
  int backlog = 4096;              // connections waiting for accept(), capped by somaxconn
  std::size_t max_connections = 1'000'000;  // more are accepted and closed at once
  int max_accepts_per_turn = 64;
  // Hosts that this server answers for, without a port: "example.org", "127.0.0.1", "[::1]". A
  // request for another one gets 421 (RFC 9110 section 15.5.20), whatever it asks for: a page whose
  // own name has been made to point here (DNS rebinding) would pass for one of ours. HTTP/1.0
  // without Host does not come from a page, and passes. Empty: any host. An entry that is no host:
  // std::invalid_argument.
  std::vector<std::string> hosts = {};
  // Proxies whose word about a client is taken: addresses ("10.0.0.1", "::1"), networks
  // ("10.0.0.0/8", "fd00::/8"), or "unix" for whoever comes over unix_path. When one of them sends
  // X-Forwarded-For, peer_address() is the rightmost address in it that is not listed here (the
  // leftmost when all are; its port is 0); without a well-formed one, it is the proxy's own.
  // Empty: nobody is believed. An entry that is none of these: std::invalid_argument.
  std::vector<std::string> trusted_proxies = {};
  // These proxies begin each connection with a header of the PROXY protocol, version 1 or 2, which
  // names the client; X-Forwarded-For counts beside it if the named one is listed, too. Without it
  // they get 400; from anybody else, or a second time, it is a malformed request. At most 107 bytes
  // (version 1) or 16 + 4096 (2), within head_timeout. Without trusted_proxies:
  // std::invalid_argument.
  bool proxy_protocol = false;
  HttpLimits http = {};
  websocket::ProtocolOptions websocket = {};  // a route may have its own
  // Work one connection may do in one turn before the others have theirs: events (messages,
  // requests, control frames). Bytes are bounded by the loop's receive buffer.
  std::size_t max_events_per_turn = 128;
  // And work of one connection in a turn: bytes that its compressed messages have become. A turn
  // ends some 4 MiB later at most, for DEFLATE makes that of 4 KiB.
  std::size_t max_inflated_per_turn = std::size_t{1} << 20;
  // From stop() until connections that have not ended by themselves are dropped.
  std::chrono::milliseconds drain_timeout = std::chrono::seconds(10);
  // TCP_USER_TIMEOUT: data that is not acknowledged, or not taken by a peer whose window is closed,
  // ends the connection after this time: nobody may stop reading for longer. 0: the system's.
  std::chrono::milliseconds user_timeout = std::chrono::seconds(20);
  // TCP keep-alive of every connection: whoever has vanished while nothing was to be sent, as under
  // a long poll, is found out. Where user_timeout is set it takes the place of `count` (tcp(7)):
  // the connection ends when a probe has gone unanswered and nothing has been heard for so long;
  // with these defaults that is after 75 s. idle = 0: never. Otherwise idle and interval are 1 to
  // 32767 s and count is 1 to 127: std::invalid_argument.
  net::KeepAlive keep_alive = {};
};

// What an application says to an opening.
struct OpeningAnswer {
  // Implicit: a status is an answer.
  OpeningAnswer(int with_status) : status(with_status) {}  // NOLINT(google-explicit-constructor)
  OpeningAnswer(int with_status, std::string type, std::string text)
      : status(with_status), content_type(std::move(type)), body(std::move(text)) {}

  int status;  // 101; any other one refuses the opening with it
  // Of the answer, whichever it is: Set-Cookie and the like. Not those that are the handshake's
  // own, nor what could be misread (Exchange::respond()): then the peer gets 500.
  std::vector<HeaderField> fields = {};
  std::string content_type = "text/plain";  // of a refusal
  std::string body = {};                    // of a refusal; empty: "refused by the application"
};

// A request to be decided on, and who makes it. Whoever decides may take the http::Request alone.
struct PeerRequest {
  const http::Request& request;
  net::Address peer_address = {};  // as Exchange::peer_address(), behind proxies, too

  operator const http::Request&() const noexcept { return request; }
};

// A WebSocket route beyond its handlers.
struct WebSocketOptions {
  std::vector<std::string> subprotocols = {};  // ours, most wanted first
  bool require_subprotocol = false;            // 400 when none of the offered ones is ours
  // Origins whose pages may open it, compared byte for byte; websocket::any_origin, "*", stands for
  // all of them, websocket::own_origin, "self", for that of the request's own Host. Others get 403.
  // Empty: any, but a page that brings the visitor's cookies only if it is of the own origin:
  // otherwise every site could speak in its visitors' names (RFC 6455 section 10.2). Behind a proxy
  // that does not pass Host on, list the origins. A request without Origin does not come from a web
  // page, and passes.
  std::vector<std::string> allowed_origins = {};
  bool deliver_fragments = false;  // on_message gets fragments as they arrive
  // permessage-deflate (RFC 7692), for clients that offer it. Nothing: not spoken.
  std::optional<websocket::DeflateOptions> deflate = {};
  // Null: the server's. Must outlive the server otherwise.
  const websocket::ProtocolOptions* protocol = nullptr;
  // Called before 101 with everything checked; may return a status alone. Other than 101: refused.
  std::function<OpeningAnswer(const PeerRequest&)> authorize = {};
};

// Counters since the start; `connections` and the like are the present number.
struct ServerStats {
  std::uint64_t connections = 0;  // open now, HTTP and WebSocket
  std::uint64_t websockets = 0;   // of these, WebSocket
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;  // over max_connections, or no descriptor left
  std::uint64_t requests = 0;
  std::uint64_t messages_received = 0;
  std::uint64_t messages_sent = 0;
  std::uint64_t bytes_received = 0;  // as read from sockets
  std::uint64_t bytes_sent = 0;      // as written to sockets
  std::uint64_t queued_bytes = 0;    // waiting now, all connections
};

// The way into a server for connections that a server on another loop has accepted. A value;
// thread: any; may outlive its server.
class Entrance {
 public:
  class Impl;
  explicit Entrance(std::shared_ptr<const Impl> impl) noexcept : impl_(std::move(impl)) {}
  const Impl& impl() const noexcept { return *impl_; }

 private:
  std::shared_ptr<const Impl> impl_;
};

class Server {
 public:
  // Listens. Throws std::system_error with the address in its text, and std::invalid_argument for
  // an option that means nothing.
  Server(net::EventLoop& loop, ServerOptions options = {});
  // Drops every connection (1001 is not sent: use stop() and wait for that). on_close is not
  // called.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Routes. A path is literal or has parameters: "/rooms/{room}", "/files/{rest...}". Literal beats
  // parameter; the first of equals wins; a malformed one throws std::invalid_argument, as does an
  // option of deflate that cannot be. Without a matching path: 404; without the method: 405 with
  // Allow. HEAD is answered by get(). Add routes before run() or in handlers, on the loop's thread.
  Server& websocket(std::string_view path, WebSocketHandlers handlers,
                    WebSocketOptions options = {});
  Server& get(std::string_view path, ExchangeHandler handler);
  Server& post(std::string_view path, ExchangeHandler handler);
  Server& route(std::string_view method, std::string_view path, ExchangeHandler handler);
  // GET and HEAD of files below `directory`, mounted at `prefix`: types by ending, ETag,
  // conditional requests, ranges (RFC 9110 sections 13 and 14). Throws std::system_error without
  // that directory.
  Server& files(std::string_view prefix, const std::string& directory);

  // The connection or exchange of that id, or null when it is gone. Loop's thread only.
  Connection* find(ConnectionId id) noexcept;
  Exchange* find(ExchangeId id) noexcept;

  // From any thread: sends a copy of `message` if that connection is still there when the loop gets
  // to it. False once the loop is being destroyed: what was sent after it has stopped stays unsent.
  bool send(ConnectionId id, Message message);

  // To every open WebSocket, or every subscriber of `topic`: the frame is encoded once and shared.
  // Receivers over their send limit do not get it, and nobody a text that is not UTF-8. Returns the
  // number of receivers that did.
  std::size_t broadcast(Message message);
  std::size_t publish(std::string_view topic, Message message, ConnectionId except = {});
  std::size_t subscriber_count(std::string_view topic) const noexcept;

  // --- Beside servers on other loops of this process ---------------------------------------------
  Entrance entrance();
  // Asked about each request when its head has come, before its route: whose request it is. A
  // connection moves to another server with all that has not been read of it, and stays there; it
  // counts there against max_connections, and as accepted here. Nothing: it is served here. Of
  // several the first that knows is believed. What is pipelined behind an answer that the peer has
  // not taken does not move: 503.
  using Redirect = std::function<std::optional<Entrance>(const http::Request&)>;
  void redirect(Redirect where);

  // Graceful: stops accepting at once, closes idle HTTP connections, lets answers under way finish
  // with `Connection: close`, sends 1001 to WebSockets, drops the rest after drain_timeout, then
  // calls `stopped`. A second call drops all at once. Socket.IO's clients that poll wait for their
  // answers: SocketServer::close() before it tells them.
  void stop(std::function<void()> stopped = {});
  bool stopping() const noexcept;

  std::uint16_t port() const noexcept;
  net::Address address() const;
  const ServerStats& stats() const noexcept;
  net::EventLoop& loop() noexcept;

  class Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace duplex::endpoint
