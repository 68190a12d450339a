// WebSocket clients on one EventLoop: RFC 6455 section 4.1.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "duplex/endpoint/connection.h"
#include "duplex/net/event_loop.h"
#include "duplex/websocket/deflate_parameters.h"
#include "duplex/websocket/protocol.h"

namespace duplex::endpoint {

struct ClientOptions {
  websocket::ProtocolOptions websocket = {};
  // From connect() to the end of the opening handshake, name look-up and all.
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(10);
  std::size_t max_head_size = std::size_t{16} << 10;  // bytes of the server's answer
  // Work of one connection in a turn, as ServerOptions has it.
  std::size_t max_events_per_turn = 128;
  std::size_t max_inflated_per_turn = std::size_t{1} << 20;
};

struct ConnectOptions {
  std::vector<std::string> subprotocols = {};  // offered, most wanted first
  std::vector<HeaderField> fields = {};        // sent with the request; CR, LF and NUL are refused
  std::string origin = {};
  bool deliver_fragments = false;
  // permessage-deflate (RFC 7692) is offered. Nothing: it is not.
  std::optional<websocket::DeflateOptions> deflate = {};
};

// Why an opening did not end in an open connection.
struct OpeningFailure {
  std::string message;         // a sentence for a person
  std::error_code error = {};  // the system's reason, if that was it
  int status = 0;              // the server's HTTP status, if it answered
  std::string body = {};       // and at most 4 KiB of what it said
};

struct ClientHandlers {
  WebSocketHandlers websocket = {};
  std::function<void(const OpeningFailure&)> on_failure = {};  // then on_open never comes
};

class Client {
 public:
  explicit Client(net::EventLoop& loop, ClientOptions options = {});
  ~Client();  // drops its connections; no handler is called
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // `url`: ws://host[:port]/path?query, or ws+unix:/path/of/socket:/path. Answers come to
  // `handlers`, never from inside this call. Returns the id that the connection has or will have.
  ConnectionId connect(std::string_view url, ClientHandlers handlers, ConnectOptions options = {});

  Connection* find(ConnectionId id) noexcept;     // open ones; loop's thread only
  bool send(ConnectionId id, Message message);    // from any thread, as Server::send
  std::size_t connection_count() const noexcept;  // opening or open

  class Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace duplex::endpoint
