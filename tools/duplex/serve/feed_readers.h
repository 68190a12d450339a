// Who is pushed to: WebSockets and streams of Server-Sent Events, each from where it is.
//
// A reader takes what it has missed in pieces, the next one when its connection has drained, and
// then gets each event as it comes, in bytes that all of them share. Of whom more waits than it may
// goes back to taking pieces. Whoever is so late that what it needs is no longer kept is ended.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "duplex/duplex.h"
#include "event_ring.h"

namespace duplex::tools {

// Bytes that wait for one reader, at most.
inline constexpr std::size_t max_waiting = std::size_t{1} << 20;
// Bytes of a message where none, or only a short one, is expected.
inline constexpr std::size_t max_short_message = 4096;

// For all WebSockets and streams of a server but those that say otherwise.
websocket::ProtocolOptions feed_protocol();

// Owner: a feed. Thread: the loop's. Outlived by `server` and `ring`. No event may have more than
// half of max_waiting.
class FeedReaders {
 public:
  FeedReaders(Server& server, const EventRing& ring, std::string topic)
      : server_(server), ring_(ring), topic_(std::move(topic)) {}

  // Goes on after that event, or with the next one. A stream has been started, and calls drained().
  void add(ExchangeId reader, std::optional<std::uint64_t> after);
  // A WebSocket is an exchange without a request.
  void add(ConnectionId reader, std::optional<std::uint64_t> after) {
    add(ExchangeId{.connection = reader}, after);
  }
  // What was queued for it has left.
  void drained(ExchangeId reader);
  void drained(ConnectionId reader) { drained(ExchangeId{.connection = reader}); }

  // Lines of the events up to that one, each with its end.
  void deliver(std::string_view lines, std::uint64_t last_id);
  // Nobody needs the events up to that one.
  void skip_to(std::uint64_t id) noexcept { delivered_ = id; }
  // Lines of the next events after that one that have been delivered, a piece of them.
  std::string delivered_after(std::uint64_t id) const;

  void finish_streams();
  std::size_t count() const noexcept;

 private:
  void go_on(ExchangeId reader, std::uint64_t next);
  SendStatus send(ExchangeId reader, std::uint64_t first, std::uint64_t last);
  void join(ExchangeId reader);
  void join_topic(Connection& peer);
  void set_back_slow(std::size_t size, std::uint64_t next);
  void push_to_streams(std::string_view lines, std::uint64_t next, std::uint64_t last_id);
  void look_after_late();
  void end(ExchangeId reader);

  Server& server_;
  const EventRing& ring_;
  std::string topic_;
  std::uint64_t delivered_ = 0;  // the newest event that readers have been sent
  // Of each event as it comes.
  std::vector<ConnectionId> websockets_;
  std::vector<ExchangeId> streams_;
  // For whom something waits, and the event that it goes on with.
  std::map<ExchangeId, std::uint64_t> late_;
  // Bytes that may be published before one of the WebSockets can have too many waiting.
  std::size_t headroom_ = max_waiting;
};

}  // namespace duplex::tools
