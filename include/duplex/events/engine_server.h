// Engine.IO on a Server: sessions over long polling and WebSocket, and the change from one to the
// other. It is what Socket.IO stands on. Source: the Engine.IO protocol.
#pragma once

#include <any>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "duplex/endpoint/client.h"
#include "duplex/endpoint/server.h"
#include "duplex/engineio/packet.h"
#include "duplex/engineio/session.h"
#include "duplex/events/engine_close.h"
#include "duplex/events/session_loops.h"

namespace duplex::events {

using endpoint::PeerRequest;
using endpoint::Server;

// Which pages of other origins may use the server: the CORS protocol (Fetch, section 3.2), and for
// WebSocket, which it does not cover, the same list. Those of the own origin, the host and port of
// the request's Host, always may: browsers send an Origin for their WebSockets, too.
struct CorsOptions {
  // "https://example.org", byte for byte; "*": any, also with cookies where it is a WebSocket.
  // Empty: the own origin alone.
  std::vector<std::string> origins = {};
  bool credentials = false;  // cookies and the like may be sent along
  // Request fields beyond the usual ones. Empty: whatever a page asks for.
  std::vector<std::string> allowed_fields = {};
};

// A cookie with the session's id, for load balancers that keep a client on one server. Set by the
// answer that opens a session over polling.
struct CookieOptions {
  std::string name = "io";
  std::string attributes = "Path=/; HttpOnly; SameSite=Lax";
};

// gzip (RFC 1952) of the answers to polls, for clients that accept it. Costs what
// `make bench` says of DEFLATE, and 280 KiB of memory in all.
struct PollCompression {
  std::size_t threshold = 1024;  // bytes; what is shorter is sent as it is
  unsigned level = 1;            // 1 is fastest, 9 is smallest
};

// A request that was refused.
struct ConnectionError {
  // What the client is told, with the numbers and words of Engine.IO: 0 transport unknown, 1
  // session unknown, 2 bad handshake method, 3 bad request, 4 refused by allow_session or
  // allow_request, 5 unsupported protocol version; and 6, which is ours: max_sessions are open.
  int code = 0;
  std::string message = {};
  std::string context = {};  // what is wrong with it, for a log: "transport 'foo'"
  const http::Request& request;
  net::Address peer_address = {};  // whose it is, as Exchange::peer_address()
};

struct EngineOptions {
  std::string path = "/engine.io/";
  // A max_payload above the server's http.max_body_size holds for WebSocket only.
  engineio::SessionOptions session = {};
  engineio::PayloadLimits payload = {};
  // Clients of revision 3 of the protocol, of Socket.IO 2, may come, too. Not those that poll by
  // JSONP. They ping, and hear of a dead server only by themselves.
  bool allow_eio3 = false;
  // Bytes that wait for one client, with what each message costs beside its content, above which
  // its session is closed: "transport error".
  std::size_t send_limit = std::size_t{16} << 20;
  // Such bytes above which it is time to wait for on_drain. Over WebSocket nothing is read from the
  // client meanwhile.
  std::size_t high_water = std::size_t{64} << 10;
  // Such bytes up to which it counts as writable: beyond, events that may be dropped are. 0: it is
  // when what is sent would leave at once, which is Socket.IO's "volatile".
  std::size_t droppable_limit = 0;
  // permessage-deflate for WebSockets whose clients offer it. Nothing: not spoken.
  std::optional<websocket::DeflateOptions> deflate = {};
  // Nothing: answers are sent as they are. Who can put text of their own beside a secret in one
  // answer can guess it by the answer's size; a message whose `compress` is false keeps all of the
  // answer that it is in from being compressed.
  std::optional<PollCompression> poll_compression = PollCompression();
  // Nothing: pages of other origins cannot read answers, nor open a WebSocket that brings their
  // visitors' cookies (WebSocketOptions::allowed_origins).
  std::optional<CorsOptions> cors = {};
  std::optional<CookieOptions> cookie = {};
  std::vector<endpoint::HeaderField> fields = {};  // of every answer over polling
  // Asked before a session is opened, and first of all before each request, whatever it wants: GET,
  // POST and the opening of a WebSocket, but not preflights, which say nothing of who asks. What it
  // returns is why not. The client gets 403, or 400 where it wants a WebSocket. Who has too many
  // sessions, or asks too often, is known by PeerRequest::peer_address: that of the client, where
  // ServerOptions::trusted_proxies names the proxy. Either may take the http::Request alone.
  std::function<std::optional<std::string>(const PeerRequest&)> allow_session = {};
  std::function<std::optional<std::string>(const PeerRequest&)> allow_request = {};
  // More fields of the answer to a request that has been let in, Set-Cookie and the like; `opens`:
  // it opens a session. Asked when the request comes; the answer to a poll may be later. Over
  // WebSocket they are fields of the 101. One that could be misread (Exchange::respond()): 500, and
  // nothing else happens. They are Engine.IO's "headers" and, where it opens, "initial_headers".
  std::function<std::vector<endpoint::HeaderField>(const PeerRequest&, bool opens)> make_fields =
      {};
  // Hears of each request that is refused, before it is answered.
  std::function<void(const ConnectionError&)> on_connection_error = {};
  // More: 503, and a WebSocket is closed with 1013. Of as many that have ended the last words are
  // kept until they are polled, at most for the ping time-out.
  std::size_t max_sessions = 1'000'000;
  // Where sessions of other loops are, which may share the port: what comes here for one of them
  // goes there. Null: there are none.
  std::shared_ptr<SessionLoops> loops = {};
};

// A session of an EngineServer. A reference is valid until the handler returns; thread: the loop's.
class EngineSession {
 public:
  EngineSession(const EngineSession&) = delete;
  EngineSession& operator=(const EngineSession&) = delete;

  // A secret: who knows it can speak for the client. 20 characters, and 4 more with
  // EngineOptions::loops.
  const std::string& sid() const noexcept;
  engineio::Transport transport() const noexcept;
  engineio::Revision revision() const noexcept;  // of the protocol, that its client speaks
  bool is_open() const noexcept;
  // Not yet handed to the kernel, or to a poll.
  std::size_t queued_bytes() const noexcept;
  // What is sent now leaves at once: a poll waits, or nothing is queued before it; or what
  // EngineOptions::droppable_limit says.
  bool is_writable() const noexcept;
  // The client's when it opened the session, as Exchange::peer_address().
  const net::Address& peer_address() const noexcept;

  // Nothing once it is closed. A SharedMessage may be sent to many. No handler is called from
  // inside these calls; above the send limit the session closes in the next turn.
  void send_text(std::string_view text);
  void send_bytes(Bytes bytes);
  void send(engineio::SharedMessage message);
  // on_close follows, with forced_close. What has been sent still goes out over WebSocket, and with
  // the poll that waits or the next one, and "close" with the one after that.
  void close();

  // Yours. Destroyed with the session, after on_close.
  std::any& user_data() noexcept;

  class Impl;

 protected:
  EngineSession() = default;
  ~EngineSession() = default;
};

// Every handler may be empty. Order per session: on_open, then messages in the order in which they
// were sent, over whatever transport, then on_close once. An exception from a handler ends the
// session; its request is answered 500, its WebSocket closed with 1011.
struct EngineHandlers {
  // The request is the one that opened it: its query, its fields.
  std::function<void(EngineSession&, const http::Request&)> on_open = {};
  // A text, or bytes if the packet has any.
  std::function<void(EngineSession&, const engineio::Packet&)> on_message = {};
  // No more than high_water waits for it, after it was more. Not called from inside of send().
  std::function<void(EngineSession&)> on_drain = {};
  std::function<void(EngineSession&, const EngineClose&)> on_close = {};
};

class EngineServer {
 public:
  // Adds routes for WebSocket, GET and POST at the path, and for the methods that are refused
  // there. `server` must outlive it; when it has gone, so have its sessions, without on_close, and
  // the path answers 503. Throws as Server::get(), and std::invalid_argument for fields or a cookie
  // that cannot be sent.
  EngineServer(Server& server, EngineHandlers handlers, EngineOptions options = {});
  ~EngineServer();
  EngineServer(const EngineServer&) = delete;
  EngineServer& operator=(const EngineServer&) = delete;

  std::size_t session_count() const noexcept;
  // The open session of that id, or null.
  EngineSession* find(std::string_view sid) noexcept;

  class Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace duplex::events
