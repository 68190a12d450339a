// A value or an error: the part of C++23 std::expected that this library needs.
#pragma once

#include <cassert>
#include <utility>
#include <variant>

namespace duplex {

template <class E>
struct Failure {
  E error;
};
template <class E>
Failure(E) -> Failure<E>;

// Holds a T or an E. Look before you take: operator* on an error is a programmer's fault (assert).
template <class T, class E>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  template <class... A>
  explicit Result(std::in_place_t, A&&... arguments)
      : state_(std::in_place_index<0>, std::forward<A>(arguments)...) {}
  Result(Failure<E> failure) : state_(std::in_place_index<1>, std::move(failure.error)) {}

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  T& value() & noexcept { return *pointer(); }
  const T& value() const& noexcept { return *pointer(); }
  T&& value() && noexcept { return std::move(*pointer()); }
  T& operator*() & noexcept { return *pointer(); }
  const T& operator*() const& noexcept { return *pointer(); }
  T&& operator*() && noexcept { return std::move(*pointer()); }
  T* operator->() noexcept { return pointer(); }
  const T* operator->() const noexcept { return pointer(); }

  const E& error() const noexcept {
    assert(!has_value());
    return *std::get_if<1>(&state_);
  }

 private:
  T* pointer() noexcept {
    assert(has_value());
    return std::get_if<0>(&state_);
  }
  const T* pointer() const noexcept {
    assert(has_value());
    return std::get_if<0>(&state_);
  }

  std::variant<T, E> state_;
};

}  // namespace duplex
