// The WebSocket of the lab's chat, /lab/chat?room=NAME&name=NAME[&after=ID], on one thread.
#pragma once

#include <functional>
#include <string_view>

#include "chat_hub.h"
#include "duplex/duplex.h"

namespace duplex::tools::lab {

// Owner: one thread of `duplex serve`. Thread: that of `server`, which outlives it.
class Chat {
 public:
  // Runs a task with the hub, on the hub's thread.
  using WithHub = std::function<void(std::function<void(ChatHub&)>)>;

  Chat(Server& server, std::size_t loop, WithHub with_hub)
      : server_(server), loop_(loop), with_hub_(std::move(with_hub)) {}

  // What a visitor sends: "say TEXT", "typing", or "cable", which drops its connection without a
  // word, as a pulled cable would. Anything else closes with 1008. Pages of other origins get 403.
  void add_route();

 private:
  void enter(Connection& peer, const http::Request& request);
  void hear(Connection& peer, std::string_view text);
  bool speaks_too_fast(Connection& peer) const;

  Server& server_;
  std::size_t loop_;
  WithHub with_hub_;
  websocket::ProtocolOptions protocol_ = {.max_message_size = 1024,
                                          .send_limit = std::size_t{256} << 10};
};

// The status of an opening: 101, or why not.
int judge_chat_opening(const http::Request& request);

}  // namespace duplex::tools::lab
