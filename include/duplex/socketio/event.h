// Events as C++ writes them: arguments of its own types, out and in. Pure. Whatever JSON and bytes
// can say may be an argument; what comes from a peer in another shape never reaches the handler.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "duplex/base/bytes.h"
#include "duplex/codec/json.h"
#include "duplex/socketio/packet.h"

namespace duplex::socketio {

using codec::JsonArray;
using codec::JsonBytes;
using codec::JsonObject;

// --- Out -----------------------------------------------------------------------------------------

// What can be said: texts, numbers, bool, null, Json itself, bytes, and vectors of such.
template <class T>
Json to_json(T&& value) {
  using Plain = std::remove_cvref_t<T>;
  if constexpr (std::convertible_to<T, Bytes> && !std::convertible_to<T, std::string_view> &&
                !std::same_as<Plain, JsonBytes>) {
    const Bytes bytes = value;
    return JsonBytes(bytes.begin(), bytes.end());
  } else if constexpr (std::constructible_from<Json, T>) {
    return Json(std::forward<T>(value));
  } else {
    JsonArray items;
    for (const auto& item : std::as_const(value)) items.push_back(to_json(item));
    return items;
  }
}

// How a call for an acknowledgement ended.
enum class AckStatus : std::uint8_t {
  answered,
  timed_out,    // nobody, or not everybody of a broadcast, has answered in time
  disconnected  // the peer is gone, or the event could not be sent to it
};

struct AckReply {
  AckStatus status = AckStatus::answered;
  // What the peer answered; of a broadcast the first value of each answer that has come in time.
  JsonArray values = {};
};

// Called once, in a later turn of the loop. The reply is yours to move from.
using AckHandler = std::function<void(AckReply&)>;

// An event to be sent: its name and arguments, and who waits for the answer.
struct Event {
  JsonArray values = {};  // the name is the first
  AckHandler on_ack = {};
};

// make_event("move", 3, "left", [](AckReply& reply) { ... }): the last one may take the answer.
template <class... T>
Event make_event(std::string_view name, T&&... arguments) {
  Event event;
  event.values.reserve(1 + sizeof...(T));
  event.values.emplace_back(name);
  [[maybe_unused]] const auto add = [&event]<class A>(A&& argument) {
    if constexpr (std::is_invocable_v<A, AckReply&>) {
      event.on_ack = std::forward<A>(argument);
    } else {
      event.values.push_back(to_json(std::forward<A>(argument)));
    }
  };
  (add(std::forward<T>(arguments)), ...);
  return event;
}

// --- In ------------------------------------------------------------------------------------------

// Answers the peer that asked for an acknowledgement. May be copied, kept, and called later; the
// first call answers, further ones do nothing, as does an Ack that nobody asked for.
class Ack {
 public:
  Ack() = default;
  // `send` is called with the answer, a JsonArray, and gone thereafter.
  template <std::invocable<JsonArray> F>
  requires(!std::same_as<F, Ack>) explicit Ack(F send)
      : answerer_(std::make_shared<AnswererOf<F>>(std::move(send))) {}

  // Whether the peer waits for an answer that has not been given.
  explicit operator bool() const noexcept { return answerer_ != nullptr && answerer_->is_asked(); }

  template <class... T>
  void operator()(T&&... values) const {
    JsonArray items;
    items.reserve(sizeof...(T));
    (items.push_back(to_json(std::forward<T>(values))), ...);
    answer(std::move(items));
  }
  void answer(JsonArray values) const {
    if (*this) answerer_->answer(std::move(values));
  }

 private:
  // One piece of memory for what all copies share, whatever `send` is.
  struct Answerer {
    virtual ~Answerer() = default;
    virtual bool is_asked() const noexcept = 0;
    virtual void answer(JsonArray&& values) = 0;
  };
  template <class F>
  struct AnswererOf final : Answerer {
    explicit AnswererOf(F function) : send(std::move(function)) {}
    bool is_asked() const noexcept override { return send.has_value(); }
    void answer(JsonArray&& values) override {
      F once = *std::move(send);
      send.reset();
      once(std::move(values));
    }
    std::optional<F> send;
  };

  std::shared_ptr<Answerer> answerer_ = {};
};

// The arguments of an event as they came, without its name.
using Values = std::span<const Json>;

// Handles one event. Returns what is wrong with its arguments, for people; then nothing was done.
using EventHandler = std::function<std::optional<std::string>(Values values, const Ack& ack)>;

// The same, of whoever it comes from.
template <class From>
using EventHandlerOf =
    std::function<std::optional<std::string>(From& from, Values values, const Ack& ack)>;

// Hears of every event, whatever its name.
using AnyHandler = std::function<void(std::string_view event, Values values)>;

// "a text", "a number", "null".
std::string_view kind_of(const Json& value) noexcept;

// What a handler's parameter takes from the arguments, in the order of its parameters: something to
// dereference, or something false if the shape is another.
template <class T>
struct Parameter;

// EventHandler from a function or a lambda with parameters of the types below; generic lambdas have
// none that could be known. Arguments beyond its parameters are left alone, as JavaScript does.
//   Json, std::string, std::string_view, bool, integers (within their range), double, Bytes,
//   JsonBytes, JsonArray, JsonObject, by value or const&; std::vector<T>;
//   std::optional<T>: may be missing or null; Values: all that are left, as they came;
//   Ack: no argument, answers the peer.
// References and views are valid until the handler returns.
template <class F>
EventHandler make_handler(F function);

// The same from a function whose first parameter is a From&.
template <class From, class F>
EventHandlerOf<From> make_handler_of(F function);

// --- How it is done ------------------------------------------------------------------------------

namespace detail {

struct Source {
  Values values = {};
  const Ack& ack;
  std::size_t next = 0;

  const Json* take() noexcept { return next < values.size() ? &values[next++] : missing(); }
  const Json* missing() noexcept {
    ++next;
    return nullptr;
  }
};

template <class T>
using ParameterOf = Parameter<std::remove_cvref_t<T>>;

// Says of the first argument that has another shape: "argument 2 is a number, where a text was
// expected".
void note(std::optional<std::string>& fault, bool is_taken, Values values, std::size_t index,
          std::string_view wanted);

template <class F>
struct Signature : Signature<decltype(&F::operator())> {};
template <class R, class... P>
struct Signature<R (*)(P...)> {
  using Types = std::tuple<P...>;
};
template <class C, class R, class... P>
struct Signature<R (C::*)(P...)> : Signature<R (*)(P...)> {};
template <class C, class R, class... P>
struct Signature<R (C::*)(P...) const> : Signature<R (*)(P...)> {};
template <class R, class... P>
struct Signature<R (*)(P...) noexcept> : Signature<R (*)(P...)> {};
template <class C, class R, class... P>
struct Signature<R (C::*)(P...) noexcept> : Signature<R (*)(P...)> {};
template <class C, class R, class... P>
struct Signature<R (C::*)(P...) const noexcept> : Signature<R (*)(P...)> {};

template <class Tuple>
struct Tail;
template <class First, class... Rest>
struct Tail<std::tuple<First, Rest...>> {
  using Types = std::tuple<Rest...>;
};

// `first` comes before what is taken from the arguments.
template <class F, class... P, class... First>
std::optional<std::string> call(F& function, Source source, std::type_identity<std::tuple<P...>>,
                                First&... first) {
  std::optional<std::string> fault;
  [[maybe_unused]] const auto take = [&]<class T>(std::type_identity<T>) {
    auto taken = ParameterOf<T>::take(source);
    note(fault, bool(taken), source.values, source.next - 1, ParameterOf<T>::wanted);
    return taken;
  };
  // Braces: from left to right.
  std::tuple<decltype(ParameterOf<P>::take(source))...> taken{take(std::type_identity<P>())...};
  if (!fault) std::apply([&](auto&... each) { function(first..., *each...); }, taken);
  return fault;
}

}  // namespace detail

template <class F>
EventHandler make_handler(F function) {
  using Types = typename detail::Signature<F>::Types;
  return [function = std::move(function)](Values values, const Ack& ack) mutable {
    return detail::call(function, detail::Source{.values = values, .ack = ack},
                        std::type_identity<Types>());
  };
}

template <class From, class F>
EventHandlerOf<From> make_handler_of(F function) {
  using Types = typename detail::Tail<typename detail::Signature<F>::Types>::Types;
  return [function = std::move(function)](From& from, Values values, const Ack& ack) mutable {
    return detail::call(function, detail::Source{.values = values, .ack = ack},
                        std::type_identity<Types>(), from);
  };
}

template <>
struct Parameter<Ack> {
  static constexpr std::string_view wanted = "nothing";
  static const Ack* take(detail::Source& source) noexcept { return &source.ack; }
};
template <>
struct Parameter<Values> {
  static constexpr std::string_view wanted = "anything";
  static std::optional<Values> take(detail::Source& source) noexcept {
    return source.values.subspan(std::min(source.next, source.values.size()));
  }
};
template <>
struct Parameter<Json> {
  static constexpr std::string_view wanted = "a value";
  static const Json* from(const Json& value) noexcept { return &value; }
  static const Json* take(detail::Source& source) noexcept { return source.take(); }
};

// Of types that are made from one value that is there.
template <class T>
struct OneValue {
  static auto take(detail::Source& source) {
    const Json* const value = source.take();
    using Taken = decltype(Parameter<T>::from(*value));
    return value != nullptr ? Parameter<T>::from(*value) : Taken();
  }
};
template <>
struct Parameter<std::string> : OneValue<std::string> {
  static constexpr std::string_view wanted = "a text";
  static const std::string* from(const Json& value) noexcept { return value.text(); }
};
template <>
struct Parameter<std::string_view> : Parameter<std::string> {};
template <>
struct Parameter<bool> : OneValue<bool> {
  static constexpr std::string_view wanted = "true or false";
  static const bool* from(const Json& value) noexcept { return value.flag(); }
};
template <>
struct Parameter<double> : OneValue<double> {
  static constexpr std::string_view wanted = "a number";
  static std::optional<double> from(const Json& value) noexcept { return value.number(); }
};
template <std::integral T>
struct Parameter<T> : OneValue<T> {
  static constexpr std::string_view wanted = "an integer in range";
  static std::optional<T> from(const Json& value) noexcept {
    const auto integer = value.integer();
    if (!integer || !std::in_range<T>(*integer)) return std::nullopt;
    return static_cast<T>(*integer);
  }
};
template <>
struct Parameter<JsonBytes> : OneValue<JsonBytes> {
  static constexpr std::string_view wanted = "bytes";
  static const JsonBytes* from(const Json& value) noexcept { return value.bytes(); }
};
template <>
struct Parameter<Bytes> : Parameter<JsonBytes> {};
template <>
struct Parameter<JsonArray> : OneValue<JsonArray> {
  static constexpr std::string_view wanted = "an array";
  static const JsonArray* from(const Json& value) noexcept { return value.array(); }
};
template <>
struct Parameter<JsonObject> : OneValue<JsonObject> {
  static constexpr std::string_view wanted = "an object";
  static const JsonObject* from(const Json& value) noexcept { return value.object(); }
};
// A value of its own, if there is one.
template <class T>
struct Taken {
  T value = {};
  bool valid = false;
  explicit operator bool() const noexcept { return valid; }
  T& operator*() noexcept { return value; }
  const T& operator*() const noexcept { return value; }
};
template <class T>
struct Parameter<std::vector<T>> : OneValue<std::vector<T>> {
  static constexpr std::string_view wanted = "an array of one kind";
  static Taken<std::vector<T>> from(const Json& value) {
    Taken<std::vector<T>> all;
    if (value.array() == nullptr) return all;
    for (const Json& item : *value.array()) {
      const auto taken = Parameter<T>::from(item);
      if (!taken) return all;
      all.value.push_back(*taken);
    }
    all.valid = true;
    return all;
  }
};
template <class T>
struct Parameter<std::optional<T>> {
  static constexpr std::string_view wanted = Parameter<T>::wanted;
  static Taken<std::optional<T>> take(detail::Source& source) {
    Taken<std::optional<T>> taken;
    const Json* const value = source.take();
    taken.valid = value == nullptr || value->is_null();
    if (taken.valid) return taken;
    if (const auto inner = Parameter<T>::from(*value)) {
      taken.value.emplace(*inner);
      taken.valid = true;
    }
    return taken;
  }
};

}  // namespace duplex::socketio
