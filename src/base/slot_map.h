// Objects with stable addresses, named by ids that notice when their object is gone.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace duplex {

// Names one object of a SlotMap, and never a later one in the same slot. A default one names
// nothing.
struct SlotId {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;  // 0 names nothing

  friend bool operator==(const SlotId&, const SlotId&) = default;
};

// Owner of its elements; any one thread. Elements never move; slots of erased ones are used again.
// Iteration visits live elements in slot order and tolerates emplace and erase during it: an
// element erased before its turn is skipped, one that is added may be visited or not.
template <class T>
class SlotMap {
 public:
  using Id = SlotId;
  class Iterator;

  SlotMap() noexcept = default;
  SlotMap(const SlotMap&) = delete;
  SlotMap& operator=(const SlotMap&) = delete;
  ~SlotMap() {
    for (auto at = begin(); at != end(); ++at) erase(at.id());
  }

  // Strong exception safety. The constructor of T may not use this map.
  template <class... Args>
  Id emplace(Args&&... args) {
    if (first_free_ == none) add_page();
    Slot& slot = at(first_free_);
    std::construct_at(reinterpret_cast<T*>(slot.storage), std::forward<Args>(args)...);
    const Id id{first_free_, slot.generation};
    first_free_ = std::exchange(slot.next_free, live);
    ++size_;
    return id;
  }

  T* find(Id id) noexcept {
    if (id.slot >= slot_count()) return nullptr;
    Slot& slot = at(id.slot);
    return slot.generation == id.generation && slot.next_free == live ? slot.element() : nullptr;
  }
  const T* find(Id id) const noexcept { return const_cast<SlotMap*>(this)->find(id); }

  // False when `id` names nothing (any more). The destructor of T may use this map.
  bool erase(Id id) noexcept {
    T* element = find(id);
    if (element == nullptr) return false;
    Slot& slot = at(id.slot);
    // The id must be dead before the destructor runs, and the slot free only after it.
    slot.generation = std::max(slot.generation + 1u, 1u);  // not 0, which names nothing
    slot.next_free = none;
    --size_;
    std::destroy_at(element);
    slot.next_free = std::exchange(first_free_, id.slot);
    return true;
  }

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }

  Iterator begin() noexcept { return Iterator(*this); }
  std::default_sentinel_t end() const noexcept { return {}; }

 private:
  static constexpr std::uint32_t page_slot_count = 64;
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::uint32_t live = none - 1;

  struct Slot {
    T* element() noexcept { return std::launder(reinterpret_cast<T*>(storage)); }

    alignas(T) std::byte storage[sizeof(T)];
    std::uint32_t generation = 1;
    std::uint32_t next_free = none;  // the next free slot, or none, or live
  };
  using Page = std::array<Slot, page_slot_count>;

  std::uint32_t slot_count() const noexcept {
    return static_cast<std::uint32_t>(pages_.size()) * page_slot_count;
  }
  Slot& at(std::uint32_t slot) noexcept {
    return (*pages_[slot / page_slot_count])[slot % page_slot_count];
  }

  void add_page() {
    const std::uint32_t first = slot_count();
    assert(first < live - page_slot_count);
    pages_.push_back(std::make_unique_for_overwrite<Page>());
    for (std::uint32_t i = 0; i + 1 < page_slot_count; ++i) at(first + i).next_free = first + i + 1;
    first_free_ = first;
  }

  std::vector<std::unique_ptr<Page>> pages_;
  std::uint32_t first_free_ = none;
  std::size_t size_ = 0;
};

template <class T>
class SlotMap<T>::Iterator {
 public:
  using iterator_concept = std::input_iterator_tag;
  using value_type = T;
  using difference_type = std::ptrdiff_t;

  // The end is fixed here, so that a loop which adds elements comes to its end.
  explicit Iterator(SlotMap& map) noexcept : map_(&map), limit_(map.slot_count()) { skip_free(); }

  T& operator*() const noexcept { return *map_->at(slot_).element(); }
  T* operator->() const noexcept { return map_->at(slot_).element(); }
  Id id() const noexcept { return {slot_, map_->at(slot_).generation}; }

  Iterator& operator++() noexcept {
    ++slot_;
    skip_free();
    return *this;
  }
  void operator++(int) noexcept { ++*this; }
  bool operator==(std::default_sentinel_t) const noexcept { return slot_ == limit_; }

 private:
  void skip_free() noexcept {
    while (slot_ < limit_ && map_->at(slot_).next_free != live) ++slot_;
  }

  SlotMap* map_;
  std::uint32_t slot_ = 0;
  std::uint32_t limit_;
};

}  // namespace duplex
