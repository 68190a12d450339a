// A client of Redis (RESP2) on one EventLoop: pipelined commands over one connection that is made
// again when it is lost.
//
//   redis::Client client(loop, "redis://127.0.0.1");
//   client.command({"SET", "key", "value", "PX", "5000"}, [](const redis::Reply& reply) {
//     if (!reply) complain(reply.error().message);
//   });
//
// One Redis, not a cluster of it: MOVED and ASK come as errors. For messages see subscriber.h;
// SUBSCRIBE and MONITOR are not for Client::command().
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "duplex/base/result.h"
#include "duplex/codec/resp.h"
#include "duplex/net/event_loop.h"

namespace duplex::redis {

struct ClientOptions {
  // Of one reply. What breaks them breaks the connection.
  codec::RespLimits reply = {};
  // Name look-up, connection, AUTH and SELECT, each attempt.
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(5);
  // After a loss or a failed attempt comes the next one; without end, with waits that double from
  // the first of these to the second. Each is shortened at random by up to half, so that the
  // clients of a Redis that comes back do not come all at once.
  std::chrono::milliseconds reconnect_delay = std::chrono::milliseconds(100);
  std::chrono::milliseconds max_reconnect_delay = std::chrono::seconds(5);
  // A connection that has been silent for so long is asked for a sign of life, and given up when
  // there is none in the time-out. Commands that block (XREAD BLOCK) must do so for less than both
  // together.
  std::chrono::milliseconds ping_interval = std::chrono::seconds(15);
  std::chrono::milliseconds ping_timeout = std::chrono::seconds(10);
  // Commands without an answer, on their way or waiting for a connection, and their bytes. Beyond
  // either a command is refused: 100,000 are about ten seconds of publishing at 10,000 a second.
  std::size_t max_pending_commands = 100'000;
  std::size_t max_pending_size = std::size_t{64} << 20;
};

struct Error {
  std::string message;  // Redis' own words ("WRONGTYPE Operation against ..."), or a sentence
  std::error_code error = {};  // the system's reason, if that was it
  // Redis has refused the command. Else the connection was lost before the answer came: whether the
  // command has been carried out is not known.
  bool refused = false;
};

// What became of a command. Errors inside of arrays (of EXEC) stay values.
using Reply = Result<codec::RespValue, Error>;
// Never called from inside a call of the client, and not any more once that has been closed or
// destroyed, either of which it may do itself.
using ReplyHandler = std::function<void(const Reply& reply)>;

// The name and the arguments; any bytes. Copied.
using Command = std::vector<std::string_view>;

struct ConnectionHandlers {
  std::function<void()> on_connect = {};  // also each time again
  // A connection was lost, or an attempt to make one has failed; the next attempt follows by
  // itself.
  std::function<void(const Error&)> on_disconnect = {};
};

class Client {
 public:
  // `url`: redis://[[user]:password@]host[:port][/database], or
  // redis+unix:[//[user]:password@]/path/of/socket[:/database]; user and password percent-encoded.
  // Connects from the next turn on. Throws std::invalid_argument, which does not name the password.
  Client(net::EventLoop& loop, std::string_view url, ConnectionHandlers handlers = {},
         ClientOptions options = {});
  ~Client();  // as close()
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Sent at once, behind those before it without waiting for their answers; while there is no
  // connection, kept for the next one. Those that had been sent when a connection is lost are
  // answered by an error and never sent again.
  // False when it is refused, because too many wait or after close(): then there is no answer.
  bool command(const Command& command, ReplyHandler on_reply = {});
  // MULTI, the commands, EXEC: all are taken or none, and always one behind the other. The answer
  // is that of EXEC: an array of theirs, or the error for which Redis has discarded them.
  bool transaction(const std::vector<Command>& commands, ReplyHandler on_reply = {});

  bool is_connected() const noexcept;
  std::size_t pending_count() const noexcept;  // commands without an answer

  // Drops the connection and what is pending, for good; no handler is called.
  void close() noexcept;

  class Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace duplex::redis
