// One connected byte stream: a descriptor, its send queue and its interest in readiness.
//
// Receive memory belongs to the loop, so an idle stream owns none: there is one recv per turn, into
// the loop's buffer or to where the owner wants the bytes. What the owner cannot take yet waits in
// the kernel, or in the backlog when it has been read already.
// Owner: an endpoint. Thread: the loop's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <system_error>

#include "base/byte_buffer.h"
#include "duplex/base/bytes.h"
#include "duplex/base/send_queue.h"
#include "net/reactor.h"

namespace duplex::net {

// Whoever makes sense of the bytes. Any of these calls may close the stream; none may destroy it:
// that waits for the end of the turn.
class StreamOwner {
 public:
  // Bytes read; they live until the call returns and may be changed in place. Returns the tail that
  // could not be taken yet (empty for all taken): it is kept, nothing more is read, and it is
  // offered again after resume_soon() or resume_reading().
  virtual MutableBytes on_bytes(MutableBytes bytes) = 0;
  // Where the next bytes should be read to directly; empty means the loop's buffer. Asked only
  // while Stream::read_in_place() says so.
  virtual MutableBytes receive_target() { return {}; }
  virtual void on_received_in_place(std::size_t size) { static_cast<void>(size); }
  // So many of the bytes that on_bytes() has left are about to be offered again.
  virtual void on_offered_again(std::size_t size) { static_cast<void>(size); }
  // The peer sends no more (FIN); everything before has been taken.
  virtual void on_end_of_stream() = 0;
  // Nothing is being read, and the peer is seen to have ended; what it sent before is still unread.
  virtual void on_hang_up_seen() {}
  // `size` bytes were handed to the kernel.
  virtual void on_written(std::size_t size) { static_cast<void>(size); }
  // Everything queued has been handed to the kernel, after a short write or when
  // notify_when_drained() asked for it. What this appends is written in the next turn.
  virtual void on_drained() = 0;
  // The stream has closed: broken by `error`, or, after finish(), in good order (no error).
  virtual void on_closed(std::error_code error) = 0;

 protected:
  ~StreamOwner() = default;
};

class Stream final : private ReadyHandler {
 public:
  Stream(Reactor& reactor, StreamOwner& owner) noexcept;
  ~Stream();  // closes without telling anybody
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Takes over a connected descriptor and reads from it; first, in the next turn, comes what has
  // been read from it before. On failure it has been closed.
  std::error_code open(int fd, Bytes unread = {});
  // Gives the descriptor away, which this then does not have any more.
  int release() noexcept;
  bool is_open() const noexcept { return fd_ >= 0; }
  int fd() const noexcept { return fd_; }

  // Append to it, then request_flush(): one write at the end of the turn carries everything. Inside
  // on_bytes() the request may be left out: the queue is flushed when it returns.
  SendQueue& queue() noexcept { return queue_; }
  void request_flush();
  // True when a part of what is queued has been handed to the kernel since the last call: the peer
  // takes it, however slowly. (Says nothing of writes that emptied the queue.)
  bool take_progress() noexcept {
    const bool progressed = progressed_;
    progressed_ = false;
    return progressed;
  }
  // on_drained() is wanted the next time the queue has been written.
  void notify_when_drained() noexcept { drain_wanted_ = true; }
  // Writes what the kernel takes now; nothing borrowed is left behind. May close the stream.
  void flush();

  void read_in_place(bool wanted) noexcept { in_place_wanted_ = wanted; }
  void pause_reading();
  void resume_reading();  // offers the backlog in the next turn, then reads on
  bool reading_paused() const noexcept { return paused_; }
  // Offers the backlog again in the next turn: the owner's work budget was spent.
  void resume_soon();
  bool has_backlog() const noexcept;  // something read waits for the owner

  // Ends in good order: writes the queue, sends FIN, reads off at most `max_linger` bytes until the
  // peer ends too, then closes; who sends more gets RST. (Closing at once with unread input would
  // send RST too, and destroy the peer's view of what was written.) The owner limits the time with
  // close().
  void finish(std::size_t max_linger);
  bool finishing() const noexcept { return finishing_; }
  // Closes at once, without telling the owner; what is queued is dropped.
  void close() noexcept;
  // The same with RST.
  void reset() noexcept;

 private:
  struct Rare;  // what few streams need, and those seldom

  void on_ready(std::uint32_t events) override;
  void on_flush() override;
  void on_resume() override;

  template <class F>
  void guarded(F&& step) noexcept;
  void on_events(std::uint32_t events);
  void offer_backlog();
  void read_some();
  void deliver(MutableBytes bytes);
  void on_received(std::ptrdiff_t result, MutableBytes target, bool in_place);
  void end_of_input();
  void discard(std::size_t size);
  void hang_up_while_paused(std::uint32_t events);
  void keep_backlog(MutableBytes rest);
  bool write_some();
  bool on_write(std::ptrdiff_t result, std::size_t offered);
  void on_write_failed(int error);
  void on_queue_empty();
  void end_output();
  void wait_for_room();
  void stop_waiting_for_room();
  void retry_write_later();
  void update_interest();
  int let_go() noexcept;
  void close_with(std::error_code error);
  Rare& rare();

  Reactor& reactor_;
  StreamOwner& owner_;
  WatchId id_ = WatchId::none;
  SendQueue queue_;
  std::unique_ptr<Rare> rare_;
  int fd_ = -1;
  bool in_handler_ = false;  // on_bytes() is on the stack: a flush follows by itself
  // Three that are looked at after each write, ...
  bool waits_for_room_ : 1 = false;  // after a short write: epoll says when the kernel has room
  bool drain_wanted_ : 1 = false;    // the owner waits for the queue to be written
  bool finishing_ : 1 = false;
  // ... two before each read, ...
  bool paused_ : 1 = false;
  bool ended_ : 1 = false;  // the peer has sent FIN, as far as we have read
  // ... and the rest.
  bool in_place_wanted_ : 1 = false;  // the owner may have a place for the next bytes
  bool hang_up_seen_ : 1 = false;     // the owner knows that the peer has ended
  bool flush_requested_ : 1 = false;
  bool resume_requested_ : 1 = false;
  bool progressed_ : 1 = false;  // something has been written since take_progress()
  bool write_shut_ : 1 = false;  // FIN has been sent
};

}  // namespace duplex::net
