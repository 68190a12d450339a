// What a namespace keeps so that a client can take up where a lost connection left off: the last
// events, and who was there. Pure. Source: Socket.IO, "Connection state recovery".
#pragma once

#include <any>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "duplex/socketio/event.h"

namespace duplex::socketio {

struct RecoveryOptions {
  // From a lost connection until who was there is forgotten, and from an event until that is.
  std::chrono::milliseconds max_disconnection = std::chrono::minutes(2);
  // Of one namespace; of more, the oldest are forgotten. The bytes are those of the events in
  // memory, without what allocating costs.
  std::size_t max_events = 10'000;
  std::size_t max_event_bytes = std::size_t{64} << 20;
  // Clients that are away; more are not kept. And the bytes of their rooms' names: of more, those
  // of the clients with the most are forgotten.
  std::size_t max_sessions = 10'000;
  std::size_t max_session_bytes = std::size_t{64} << 20;
  // Who comes back has been looked at before: no middleware is asked again.
  bool skip_middleware = true;
};

// `options` must outlive it.
class Recovery {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // A client that is away.
  struct Session {
    std::string id = {};
    std::vector<std::string> rooms = {};  // its own first
    std::any data = {};
  };
  struct Restored {
    Session session = {};
    std::vector<JsonArray> missed = {};  // events, each with its offset
  };

  explicit Recovery(const RecoveryOptions& options) noexcept : options_(options) {}

  // Keeps an event, and appends its offset: clients say the last one that they have when they come
  // again. Of `rooms` and `except` as of a Target.
  void keep(JsonArray& values, std::vector<std::string> rooms, std::vector<std::string> except,
            Time now);

  // `secret` is known to the client alone.
  void save(const std::string& secret, Session session, Time now);
  // Gives the session, once, with what it has missed. Nothing if too much is forgotten to tell.
  std::optional<Restored> restore(const std::string& secret, std::string_view offset, Time now);

  // Of an event in memory, as max_event_bytes counts them.
  static std::size_t bytes_of(const JsonArray& values);

  bool awaits_somebody(Time now) const;  // a session is kept that is not too old

  std::size_t event_count() const noexcept { return events_.size(); }
  std::size_t event_bytes() const noexcept { return bytes_; }
  std::size_t session_count() const noexcept { return sessions_.size(); }
  std::size_t session_bytes() const noexcept { return session_bytes_; }

 private:
  struct Kept {
    JsonArray values;
    std::vector<std::string> rooms;
    std::vector<std::string> except;
    Time time;
    std::size_t bytes = 0;
  };
  struct Away {
    Session session;
    Time time;
    std::size_t bytes = 0;
  };
  using Sessions = std::unordered_map<std::string, Away>;

  void forget(Time now);
  Sessions::iterator drop(Sessions::iterator session);  // returns the next one
  Sessions::iterator largest();
  bool is_old(Time time, Time now) const { return now - time > options_.max_disconnection; }

  const RecoveryOptions& options_;
  std::deque<Kept> events_ = {};
  std::uint64_t first_ = 1;  // offset of the first of them
  std::size_t bytes_ = 0;    // of all of them
  Sessions sessions_ = {};
  std::size_t session_bytes_ = 0;
  Time swept_ = {};
};

}  // namespace duplex::socketio
