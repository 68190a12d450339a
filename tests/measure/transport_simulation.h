// Transports event by event in virtual time: an opinion on the closed forms that shares no algebra.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "measure/age.h"
#include "measure/model.h"

namespace duplex::measure::simulated {

using std::chrono::nanoseconds;

struct Run {
  std::vector<Delivery> deliveries;
  std::size_t requests = 0;
  std::size_t empty = 0;
  nanoseconds end{0};
};

inline nanoseconds in_ns(Seconds duration) { return std::chrono::round<nanoseconds>(duration); }

// A server that keeps what has been generated until somebody takes it.
class Buffer {
 public:
  explicit Buffer(std::span<const nanoseconds> events) : events_(events) {}
  bool exhausted() const { return next_ == events_.size(); }
  nanoseconds next_event() const { return events_[next_]; }

  // Answers a poll at `now` with everything generated so far.
  void answer(nanoseconds now, nanoseconds way, Run& run) {
    ++run.requests;
    const std::size_t first = next_;
    for (; !exhausted() && events_[next_] <= now; ++next_) {
      run.deliveries.push_back({now + way, events_[next_]});
    }
    run.empty += next_ == first;
    run.end = now + way;
  }

 private:
  std::span<const nanoseconds> events_;
  std::size_t next_ = 0;
};

inline Run push(std::span<const nanoseconds> events, nanoseconds way) {
  Run run;
  for (const nanoseconds event : events) run.deliveries.push_back({event + way, event});
  run.end = events.back() + way;
  return run;
}

// Polls at the server from `first` on; the client waits between answer and next poll, or does not.
inline Run short_poll(std::span<const nanoseconds> events, Transport transport, const Scenario& s,
                      nanoseconds first) {
  Run run;
  Buffer buffer(events);
  const nanoseconds way = in_ns(s.one_way_delay), interval = in_ns(s.poll_interval);
  const bool connects = transport == Transport::short_poll_new_connection && !s.handshake_is_local;
  nanoseconds sent = first;
  while (!buffer.exhausted()) {
    // Connecting: SYN there, SYN-ACK back; the request follows on its heels.
    const nanoseconds requested = sent + (connects ? 2 * way : 0 * way);
    buffer.answer(requested + way, way, run);
    const nanoseconds answered = requested + 2 * way;
    sent = s.pacing == PollPacing::fixed_rate ? sent + interval : answered + interval;
  }
  return run;
}

// One request parked at the server; it is answered when there is something, and asked again.
inline Run long_poll(std::span<const nanoseconds> events, nanoseconds way) {
  Run run;
  Buffer buffer(events);
  nanoseconds parked = way;
  while (!buffer.exhausted()) {
    const nanoseconds answered = std::max(parked, buffer.next_event());
    buffer.answer(answered, way, run);
    parked = answered + 2 * way;
  }
  return run;
}

// The same, but only the oldest waiting event is answered.
inline Run one_event_long_poll(std::span<const nanoseconds> events, nanoseconds way) {
  Run run;
  nanoseconds parked = way;
  for (const nanoseconds event : events) {
    const nanoseconds answered = std::max(parked, event);
    run.deliveries.push_back({answered + way, event});
    parked = answered + 2 * way;
  }
  return run;
}

// Two requests parked: the one that waits longest is answered, with everything there is.
inline Run two_parked_long_polls(std::span<const nanoseconds> events, nanoseconds way) {
  Run run;
  Buffer buffer(events);
  nanoseconds first = way, second = way;
  while (!buffer.exhausted()) {
    const nanoseconds answered = std::max(first, buffer.next_event());
    buffer.answer(answered, way, run);
    first = std::exchange(second, answered + 2 * way);
  }
  return run;
}

inline Run simulate(Transport transport, const Scenario& s, std::span<const nanoseconds> events,
                    nanoseconds first_poll) {
  const nanoseconds way = in_ns(s.one_way_delay);
  if (transport == Transport::long_poll) return long_poll(events, way);
  if (transport == Transport::echo) return push(events, 2 * way);
  if (transport == Transport::short_poll || transport == Transport::short_poll_new_connection) {
    return short_poll(events, transport, s, first_poll);
  }
  return push(events, way);
}

}  // namespace duplex::measure::simulated
