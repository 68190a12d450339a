// Implements the queue of outgoing bytes as a linked list of owned, shared and borrowed pieces.
#include "duplex/base/send_queue.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>
#include <utility>

namespace duplex {
namespace {

constexpr std::size_t first_chunk_size = 4096;  // bytes, header included
constexpr std::uint8_t max_doublings = 4;       // so that the largest chunk has 64 KiB

// One first chunk that the thread keeps: a queue that is filled and drained again and again, as
// that of an echo, then costs no allocation. The queues themselves own nothing while they are
// empty.
struct SpareChunk {
  ~SpareChunk() { ::operator delete(memory); }
  void* memory = nullptr;
};
thread_local SpareChunk spare;

void* allocate(std::size_t size) {
  if (size != first_chunk_size || spare.memory == nullptr) return ::operator new(size);
  return std::exchange(spare.memory, nullptr);
}

}  // namespace

// One link of the list. The bytes of an owned chunk follow it in the same allocation.
struct SendQueue::Piece {
  enum class Kind : std::uint8_t { owned, shared, borrowed };

  explicit Piece(std::size_t room_size) noexcept
      : front(storage()),
        room(room_size),
        kind(Kind::owned),
        is_first_chunk(sizeof(Piece) + room_size == first_chunk_size) {}
  explicit Piece(SharedBytes&& bytes) noexcept
      : front(bytes->data()), size(bytes->size()), kind(Kind::shared), keeper(std::move(bytes)) {}
  explicit Piece(Bytes bytes) noexcept
      : front(bytes.data()), size(bytes.size()), kind(Kind::borrowed) {}

  // Allocates an owned chunk with room for `room` bytes.
  static Piece* make_chunk(std::size_t room) {
    return new (allocate(sizeof(Piece) + room)) Piece(room);
  }

  template <class Reference>
  static Piece* make_reference(Reference&& reference) {
    return new (::operator new(sizeof(Piece))) Piece(std::forward<Reference>(reference));
  }

  static void destroy(Piece* piece) noexcept {
    const bool is_first_chunk = piece->is_first_chunk;
    piece->~Piece();
    if (is_first_chunk && spare.memory == nullptr) {
      spare.memory = piece;
    } else {
      ::operator delete(piece);
    }
  }

  std::byte* storage() noexcept { return reinterpret_cast<std::byte*>(this + 1); }
  Bytes view() const noexcept { return {front, size}; }

  // Takes `count` bytes of the room; returns where they start.
  std::byte* take_room(std::size_t count) noexcept {
    // The room lies behind the view; only owned chunks have any, and their memory is ours to write.
    std::byte* start = storage() + (front - storage()) + size;
    size += count;
    room -= count;
    return start;
  }

  Piece* next = nullptr;
  const std::byte* front;  // the first byte not yet consumed
  std::size_t size = 0;    // bytes not yet consumed
  std::size_t room = 0;    // bytes still free behind them
  Kind kind;
  bool is_first_chunk = false;
  SharedBytes keeper;  // keeps the memory of a shared piece
};

SendQueue::~SendQueue() { clear(); }

SendQueue::SendQueue(SendQueue&& other) noexcept
    : head_(std::exchange(other.head_, nullptr)),
      tail_(std::exchange(other.tail_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      blocked_(std::exchange(other.blocked_, false)),
      borrows_(std::exchange(other.borrows_, false)),
      doublings_(std::exchange(other.doublings_, std::uint8_t{0})) {}

SendQueue& SendQueue::operator=(SendQueue&& other) noexcept {
  SendQueue taken(std::move(other));
  std::swap(head_, taken.head_);
  std::swap(tail_, taken.tail_);
  std::swap(size_, taken.size_);
  std::swap(blocked_, taken.blocked_);
  std::swap(borrows_, taken.borrows_);
  std::swap(doublings_, taken.doublings_);
  return *this;
}

void SendQueue::append(Bytes bytes) {
  const std::size_t fits = tail_ == nullptr ? 0 : std::min(tail_->room, bytes.size());
  const Bytes rest = bytes.subspan(fits);
  // Allocate before anything is copied: a failure must leave the queue as it was.
  Piece* chunk = rest.empty() ? nullptr : new_chunk(rest.size());
  if (fits != 0) std::memcpy(tail_->take_room(fits), bytes.data(), fits);
  if (chunk != nullptr) {
    std::memcpy(chunk->take_room(rest.size()), rest.data(), rest.size());
    link(chunk);
  }
  size_ += bytes.size();
}

void SendQueue::append(const SharedBytes& bytes) {
  if (bytes == nullptr) return;
  if (bytes->size() < shared_reference_threshold) return append(Bytes(*bytes));
  const std::size_t count = bytes->size();
  link(Piece::make_reference(SharedBytes(bytes)));
  size_ += count;
}

void SendQueue::append_borrowed(Bytes bytes) {
  if (bytes.size() < reference_threshold) return append(bytes);
  link(Piece::make_reference(bytes));
  size_ += bytes.size();
  borrows_ = true;
}

void SendQueue::own_borrowed() {
  if (!borrows_) return;
  Piece* previous = nullptr;
  for (Piece* piece = head_; piece != nullptr; piece = piece->next) {
    if (piece->kind == Piece::Kind::borrowed) {
      // A failure here leaves the later pieces borrowed: the queue still holds the same bytes.
      Piece* copy = Piece::make_chunk(piece->size);
      std::memcpy(copy->take_room(piece->size), piece->front, piece->size);
      copy->next = piece->next;
      (previous == nullptr ? head_ : previous->next) = copy;
      if (tail_ == piece) tail_ = copy;
      Piece::destroy(std::exchange(piece, copy));
    }
    previous = piece;
  }
  borrows_ = false;
}

MutableBytes SendQueue::grow(std::size_t size) {
  if (size == 0) return {};
  if (tail_ == nullptr && size <= first_chunk_size - sizeof(Piece)) {
    // The common case, an answer to a queue that was empty, is worth these two lines.
    head_ = tail_ = Piece::make_chunk(first_chunk_size - sizeof(Piece));
  } else if (tail_ == nullptr || tail_->room < size) {
    link(new_chunk(size));
  }
  size_ += size;
  return {tail_->take_room(size), size};
}

Bytes SendQueue::front() const noexcept { return head_ == nullptr ? Bytes() : head_->view(); }

std::size_t SendQueue::gather(std::span<Bytes> out) const noexcept {
  std::size_t count = 0;
  for (const Piece* piece = head_; piece != nullptr && count < out.size(); piece = piece->next) {
    out[count++] = piece->view();
  }
  return count;
}

void SendQueue::consume(std::size_t count) noexcept {
  assert(count <= size_);
  if (count == size_) return clear();
  size_ -= count;
  while (count >= head_->size) {
    count -= head_->size;
    Piece::destroy(std::exchange(head_, head_->next));
  }
  head_->front += count;
  head_->size -= count;
}

void SendQueue::clear() noexcept {
  while (head_ != nullptr) Piece::destroy(std::exchange(head_, head_->next));
  tail_ = nullptr;
  size_ = 0;
  blocked_ = false;
  borrows_ = false;
  doublings_ = 0;
}

SendQueue::Piece* SendQueue::new_chunk(std::size_t at_least) {
  // Only a chunk that ran full shows that more is coming: one between references need not be
  // larger.
  const bool ran_full = tail_ != nullptr && tail_->kind == Piece::Kind::owned;
  const auto doublings = static_cast<std::uint8_t>(
      std::min<unsigned>(max_doublings, doublings_ + (ran_full ? 1u : 0u)));
  const std::size_t usual = (first_chunk_size << doublings) - sizeof(Piece);
  Piece* chunk = Piece::make_chunk(std::max(usual, at_least));
  doublings_ = doublings;
  return chunk;
}

void SendQueue::link(Piece* piece) noexcept {
  (tail_ == nullptr ? head_ : tail_->next) = piece;
  tail_ = piece;
}

}  // namespace duplex
