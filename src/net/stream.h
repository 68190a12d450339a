// One connected byte stream: a descriptor, its send queue and its interest in readiness.
//
// Receive memory belongs to the loop, so an idle stream owns none. One recv per turn; what the
// owner cannot take yet waits in the kernel, or in the backlog when it has been read already.
// Owner: an endpoint. Thread: the loop's.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <system_error>
#include <vector>

#include "duplex/base/bytes.h"
#include "duplex/base/send_queue.h"
#include "net/reactor.h"

namespace duplex::net {

class Stream;

// Whoever makes sense of the bytes. Any call may lead to Stream::close(), never to its destruction:
// that waits for the end of the turn.
class StreamOwner {
 public:
  // Bytes read, in the loop's receive buffer (or the backlog). Returns what could not be taken yet
  // (a tail of `bytes`, empty for nothing): it is kept and offered again after resume_soon() or
  // resume_reading(). The owner decides which of the two.
  virtual MutableBytes on_bytes(MutableBytes bytes) = 0;
  // Where the next bytes should be read to directly; empty means the loop's buffer.
  virtual MutableBytes receive_target() { return {}; }
  virtual void on_received_in_place(std::size_t size) { static_cast<void>(size); }
  // The peer sends no more (FIN). Everything before it has been offered.
  virtual void on_end_of_stream() = 0;
  // The stream is broken; it has been closed already.
  virtual void on_broken(std::error_code error) = 0;
  // The queue has become empty after a short write.
  virtual void on_drained() = 0;
  // Our side was asked to end and all of it has been written and the peer has ended or time is up;
  // the descriptor is closed.
  virtual void on_lingered() = 0;

 protected:
  ~StreamOwner() = default;
};

}  // namespace duplex::net
