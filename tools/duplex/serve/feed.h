// One stream of events over four transports: WebSocket, Server-Sent Events, long and short polling.
//
// The schedule depends on its options alone, so that the feeds of several threads give the same
// events the same ids.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../event_content.h"
#include "../feed_event.h"
#include "duplex/duplex.h"
#include "event_ring.h"
#include "feed_readers.h"
#include "hold_back.h"
#include "measure/arrivals.h"

namespace duplex::tools {

struct FeedOptions {
  double rate = 4;              // events per second
  bool poisson = false;         // exponential gaps instead of equal ones
  std::size_t event_size = 64;  // bytes of one event's line
  ContentKind content = ContentKind::letter;
  bool deflate = false;                  // /feed/ws compresses for clients that offer it
  std::size_t history = 4096;            // events kept for those who come late, in 256 MiB at most
  std::chrono::nanoseconds coalesce{0};  // pushed events wait this long for company
  bool lone_writes = false;              // what is pushed takes a turn of the loop, and so a write
  std::chrono::nanoseconds poll_timeout = std::chrono::seconds(25);  // of a parked long poll
  std::uint64_t seed = 1;                                            // of the Poisson process
  net::Clock::time_point start = {};                                 // one for all threads
  std::string topic = "feed";  // of the server: one for each feed
  // Bytes of events in one answer to a poll, and in one coalesced message; one event in any case.
  std::size_t max_answer = default_max_answer;
  std::chrono::nanoseconds link_delay{0};  // each way: requests and answers are held back
};

// Owner: one thread of `duplex serve`. Thread: that of `loop`. Outlived by `loop` and `server`,
// whose options for WebSocket are feed_protocol().
class Feed {
 public:
  Feed(EventLoop& loop, Server& server, FeedOptions options);
  ~Feed();
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  // Adds /feed/ws, /feed/sse, /feed/lp, /feed/sp and /feed/latest.
  void add_routes();
  // Adds a handler, which is called with each piece that is pushed: lines, each with its end.
  void on_push(std::function<void(std::string_view lines)> handler);
  // Lines of the events after that one which have been pushed already, as far back as they are
  // kept: the first 64 KiB of them, one in any case.
  std::string pushed_after(std::uint64_t id) const;

  // Ends the streams and answers the parked polls, so that their connections can drain.
  void stop();

  std::uint64_t event_count() const noexcept { return ring_.newest(); }
  std::size_t parked_count() const noexcept { return parked_.size(); }
  // Streams, parked polls and WebSockets.
  std::size_t listener_count() const noexcept;

  // What the routes call.
  void open_web_socket(Connection& peer, const http::Request& request);
  void open_stream(Exchange& exchange);
  void long_poll(Exchange& exchange);
  void short_poll(Exchange& exchange);
  void drained(Connection& peer) { readers_.drained(peer.id()); }

 private:
  struct Parked {
    ExchangeId id;
    net::Clock::time_point deadline;
  };

  std::uint64_t pending_count() const noexcept { return ring_.newest() + 1 - first_pending_; }
  void arm_schedule();
  void advance_schedule();
  void skip_past();
  void generate_due();
  void catch_up();  // generates what is due, and sends it
  void push_after(std::chrono::nanoseconds delay);
  void push_pending();
  void push_next();  // one message of what is pending
  void push(std::string_view lines, std::uint64_t last_id);
  void deliver(std::string_view lines, std::uint64_t last_id);
  void answer_parked(std::uint64_t first);
  void arm_sweep();
  void sweep_parked();
  void dismiss(const std::vector<Parked>& polls);  // an answer without events

  void latest(Exchange& exchange);
  void begin_stream(ExchangeId id, std::optional<std::uint64_t> after);
  void park_or_answer(ExchangeId id, std::optional<std::uint64_t> after);
  std::string answer_from(std::uint64_t first) const;
  void answer(ExchangeId id, int status, std::string_view lines);
  void respond(ExchangeId id, int status, std::string_view lines);

  EventLoop& loop_;
  Server& server_;
  FeedOptions options_;
  measure::Schedule schedule_;
  net::Clock::time_point next_;  // the intended instant of the next event
  EventContent content_;
  EventRing ring_;
  std::uint64_t first_pending_ = 1;  // the first event that has not been pushed
  FeedReaders readers_;
  HoldBack link_;
  bool stopped_ = false;
  std::vector<Parked> parked_;  // long polls, oldest first; each waits for the next event
  // Armed while there is something to wait for.
  TimerId schedule_timer_ = TimerId::none;
  TimerId push_timer_ = TimerId::none;
  TimerId sweep_timer_ = TimerId::none;
  std::vector<std::function<void(std::string_view)>> on_push_ = {};
};

}  // namespace duplex::tools
