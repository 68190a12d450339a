// The WebSocket that the lab page keeps open for itself, /lab/socket: a question, an answer.
#pragma once

#include <string_view>

#include "duplex/duplex.h"

namespace duplex::tools::lab {

// Owner: one thread of `duplex serve`. Thread: that of `server`, which outlives it.
class LabSocket {
 public:
  explicit LabSocket(Server& server) : server_(server) {}

  // Adds /lab/socket. Questions are words; answers JSON:
  //   "clock TOKEN" -> {"clock": TOKEN, "now": nanoseconds of the clock that stamps events}
  //   "hello"       -> {"hello": {"request": {...}, "accept": ...}}: how this connection began
  //   "tcp"         -> {"tcp": {...} or null, "address": of the other end}: what TCP says of it
  //   "echo TEXT"   -> {"echo": TEXT}
  void add_route();

 private:
  void answer(Connection& peer, std::string_view question);

  Server& server_;
  // Questions are short.
  websocket::ProtocolOptions protocol_ = {.max_message_size = 1024};
};

}  // namespace duplex::tools::lab
