// Whether the items that come are those of an outcome, one after another. Pure.
#pragma once

#include <cstddef>

#include "script.h"

namespace duplex::tools::suite {

// The outcome must outlive it.
class OutcomeMatch {
 public:
  explicit OutcomeMatch(const Outcome& outcome) : outcome_(&outcome) {}

  void take(const Item& item) {
    if (!possible_) return;
    const auto& expected = outcome_->items;
    while (at_ < expected.size() && !(count_ < expected[at_].max && item == expected[at_].item)) {
      if (count_ < expected[at_].min) break;
      ++at_;
      count_ = 0;
    }
    const bool fits = at_ < expected.size() && item == expected[at_].item;
    possible_ = fits && count_++ < expected[at_].max;
  }

  // More items may make it whole.
  bool possible() const noexcept { return possible_; }
  // Nothing is missing.
  bool whole() const noexcept {
    std::size_t count = count_;
    for (std::size_t i = at_; i < outcome_->items.size(); ++i, count = 0) {
      if (count < outcome_->items[i].min) return false;
    }
    return possible_;
  }

 private:
  const Outcome* outcome_;
  std::size_t at_ = 0;
  std::size_t count_ = 0;  // of the items at at_
  bool possible_ = true;
};

}  // namespace duplex::tools::suite
