// What a connection is at the moment: an opening handshake, HTTP, or WebSocket.
//
// A Peer has one phase at a time; the protocol switch of RFC 6455 section 4.2.2 is one assignment.
// Owner: the Peer. Thread: the loop's. Calls come from the reactor, never from under a handler.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <system_error>

#include "duplex/base/bytes.h"

namespace duplex::endpoint {

class Connection;
class Exchange;

class Phase {
 public:
  Phase() = default;
  Phase(const Phase&) = delete;
  Phase& operator=(const Phase&) = delete;
  virtual ~Phase() = default;

  // Called once, when the phase has become that of its peer.
  virtual void start() = 0;
  // As net::StreamOwner.
  virtual MutableBytes on_bytes(MutableBytes bytes) = 0;
  virtual MutableBytes receive_target() { return {}; }
  virtual void on_received_in_place(std::size_t size) { static_cast<void>(size); }
  virtual void on_end_of_stream() = 0;
  virtual void on_hang_up_seen() {}
  virtual void on_drained() {}
  // The deadline armed last has come.
  virtual void on_timer() = 0;
  // The stream has closed; the peer dies at the end of the turn. Said once, the last thing said.
  virtual void on_closed(std::error_code error) = 0;
  // The endpoint stops: end in good order as soon as possible.
  virtual void drain() = 0;
  // What a user may hold of it.
  virtual Connection* as_connection() noexcept { return nullptr; }
  virtual Exchange* as_exchange(std::uint32_t request) noexcept {
    static_cast<void>(request);
    return nullptr;
  }
  // The phase that follows this one, once there is one.
  virtual std::unique_ptr<Phase> take_successor() { return nullptr; }
  // The successor has been started; this one is destroyed after the call.
  virtual void hand_over(Phase& successor) { static_cast<void>(successor); }
};

}  // namespace duplex::endpoint
