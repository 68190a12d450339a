// A process's descriptor table: the lowest free number is given out first, which is what makes
// stale events dangerous and worth simulating.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "simulation/epoll.h"

namespace duplex::simulation {

class Descriptors {
 public:
  static constexpr int first = 3;  // 0, 1 and 2 are somebody else's

  explicit Descriptors(int limit) : limit_(limit) {}

  // As RLIMIT_NOFILE: numbers are below it. What is open stays open.
  void set_limit(int limit) noexcept { limit_ = limit; }

  bool full() const noexcept { return lowest_free() >= limit_; }

  int insert(std::shared_ptr<Pollable> object) {  // only when not full
    const int fd = lowest_free();
    if (at(fd) == table_.size()) table_.emplace_back();
    table_[at(fd)] = std::move(object);
    ++count_;
    return fd;
  }

  std::shared_ptr<Pollable> remove(int fd) {
    if (find(fd) == nullptr) return nullptr;
    --count_;
    hint_ = std::min(hint_, at(fd));
    return std::exchange(table_[at(fd)], nullptr);
  }

  Pollable* find(int fd) const noexcept {
    return fd >= first && at(fd) < table_.size() ? table_[at(fd)].get() : nullptr;
  }
  template <class T>
  T* find_as(int fd) const noexcept {
    return dynamic_cast<T*>(find(fd));
  }

  std::size_t count() const noexcept { return count_; }
  std::vector<int> numbers() const {
    std::vector<int> open;
    for (std::size_t i = 0; i < table_.size(); ++i) {
      if (table_[i] != nullptr) open.push_back(static_cast<int>(i) + first);
    }
    return open;
  }

 private:
  static std::size_t at(int fd) noexcept { return static_cast<std::size_t>(fd - first); }

  int lowest_free() const noexcept {
    while (hint_ < table_.size() && table_[hint_] != nullptr) ++hint_;
    return static_cast<int>(hint_) + first;
  }

  int limit_;
  std::vector<std::shared_ptr<Pollable>> table_;
  mutable std::size_t hint_ = 0;  // nothing below it is free
  std::size_t count_ = 0;
};

}  // namespace duplex::simulation
