// Fuzz bytes as decisions.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace duplex::fuzz {

// Taken from the front of the bytes. When they are used up every decision is 0, so that all that
// is decided by 0 should be harmless.
class Decisions {
 public:
  explicit Decisions(std::string_view bytes) noexcept : rest_(bytes) {}

  bool over() const noexcept { return rest_.empty(); }

  std::uint8_t byte() noexcept {
    if (rest_.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }

  // 0 <= result < bound, from as few bytes as can give it.
  std::uint64_t below(std::uint64_t bound) noexcept {
    std::uint64_t value = 0;
    for (std::uint64_t range = 1; range < bound; range <<= 8) {
      value = value << 8 | byte();
      if (range > UINT64_MAX >> 8) break;
    }
    return bound == 0 ? 0 : value % bound;
  }

  bool chance() noexcept { return (byte() & 1) != 0; }

  template <class Choices>
  const auto& pick(const Choices& choices) noexcept {
    return choices[below(std::size(choices))];
  }

  // A byte for the size, then that many bytes.
  std::string_view text() noexcept { return take(byte()); }
  std::string_view take(std::size_t size) noexcept {
    const std::string_view front = rest_.substr(0, size);
    rest_.remove_prefix(front.size());
    return front;
  }
  std::string_view rest() noexcept { return take(rest_.size()); }

  // Some bytes, once or more, of about `most` bytes in all.
  std::string repeated(std::size_t most) {
    const std::uint64_t count = 1 + below(40);
    const std::string_view part = take(below(65536));
    std::string text;
    for (std::uint64_t i = 0; i < count && text.size() < most; ++i) text += part;
    return text;
  }

 private:
  std::string_view rest_;
};

// Says when something is to happen: pairs of bytes, the first of which counts the occasions to be
// passed by, and the second is what happens then. When the bytes are used up, nothing does.
class Occasions {
 public:
  explicit Occasions(std::string_view bytes) noexcept : decisions_(bytes) { next(); }

  // Called at each occasion: the byte that says what is to happen, or nothing.
  std::optional<std::uint8_t> take() noexcept {
    if (over_ || left_-- != 0) return std::nullopt;
    const std::uint8_t what = decisions_.byte();
    next();
    return what;
  }

 private:
  void next() noexcept {
    over_ = decisions_.over();
    left_ = decisions_.byte();
  }

  Decisions decisions_;
  bool over_ = false;
  unsigned left_ = 0;
};

}  // namespace duplex::fuzz
