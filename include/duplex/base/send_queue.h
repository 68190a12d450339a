// Bytes waiting for the socket, in order. Memory only: the caller does the I/O.
//
// Owner: one connection. Thread: that connection's loop. An empty queue owns no heap memory.
// Small pieces are copied together into growing chunks, because one copied kilobyte costs less than
// one more iovec; shared and borrowed pieces of at least `reference_threshold` are only referenced.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "duplex/base/bytes.h"

namespace duplex {

// Immutable bytes with shared ownership: one encoded broadcast frame in many queues.
using SharedBytes = std::shared_ptr<const std::vector<std::byte>>;

class SendQueue {
 public:
  static constexpr std::size_t reference_threshold = 4096;        // bytes, for borrowed pieces
  static constexpr std::size_t shared_reference_threshold = 512;  // bytes, for shared pieces

  SendQueue() noexcept = default;
  ~SendQueue();
  SendQueue(const SendQueue&) = delete;
  SendQueue& operator=(const SendQueue&) = delete;
  SendQueue(SendQueue&& other) noexcept;
  SendQueue& operator=(SendQueue&& other) noexcept;

  // Copies `bytes` to the end of the queue.
  void append(Bytes bytes);

  // Appends by reference count; small ones (below shared_reference_threshold) are copied instead.
  void append(const SharedBytes& bytes);

  // Refers to memory of the caller, who promises that it stays unchanged until it has been consumed
  // or own_borrowed() has run. Pieces below reference_threshold are copied at once.
  void append_borrowed(Bytes bytes);

  // Copies what is still borrowed, so that the lenders' memory may be used again.
  void own_borrowed();

  // Appends `size` bytes for the caller to fill before any other call; never throws after growing.
  MutableBytes grow(std::size_t size);

  std::size_t size() const noexcept { return size_; }  // bytes not yet consumed
  bool empty() const noexcept { return size_ == 0; }

  // The first piece, which is all of it when nothing else is queued; lives as those of gather().
  Bytes front() const noexcept;

  // Fills `out` with views of the front of the queue, in order; returns how many it filled.
  // The views live until the next non-const call.
  std::size_t gather(std::span<Bytes> out) const noexcept;

  // Drops `count` bytes from the front: they have been written. count <= size().
  void consume(std::size_t count) noexcept;

  // Drops everything.
  void clear() noexcept;

  // Set by whoever writes: true after a short write, until the queue has drained (the queue itself
  // resets it then). Protocols use it
  // to bound what they answer on their own (RFC 6455 section 5.5.3: only the newest ping is owed).
  bool blocked() const noexcept { return blocked_; }
  void set_blocked(bool blocked) noexcept { blocked_ = blocked; }

 private:
  struct Piece;
  Piece* new_chunk(std::size_t at_least);
  void link(Piece* piece) noexcept;

  Piece* head_ = nullptr;
  Piece* tail_ = nullptr;
  std::size_t size_ = 0;
  bool blocked_ = false;
  bool borrows_ = false;        // some piece may be borrowed
  std::uint8_t doublings_ = 0;  // of the size of chunks, since the queue was last empty
};

}  // namespace duplex
