// A first-in, first-out queue of bytes: what a socket's buffers hold.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "duplex/base/bytes.h"

namespace duplex::simulation {

class ByteQueue {
 public:
  std::size_t size() const noexcept { return bytes_.size() - head_; }
  bool empty() const noexcept { return size() == 0; }

  void append(Bytes bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }

  // Moves as much as fits to `target` and says how much that was.
  std::size_t take(MutableBytes target) {
    const std::size_t size = std::min(target.size(), this->size());
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(head_), size, target.begin());
    drop(size);
    return size;
  }

  void clear() noexcept {
    bytes_.clear();
    head_ = 0;
  }

 private:
  // The front moves in place; memory is compacted only when half of it is waste, so a queue that is
  // emptied bit by bit costs linear time.
  void drop(std::size_t size) {
    head_ += size;
    if (head_ == bytes_.size()) {
      clear();
    } else if (head_ > 4096 && head_ > bytes_.size() / 2) {
      bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(head_));
      head_ = 0;
    }
  }

  std::vector<std::byte> bytes_;
  std::size_t head_ = 0;
};

}  // namespace duplex::simulation
