// What each transport should do, in closed form: src/measure/README.md derives every line.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "measure/arrivals.h"
#include "measure/format.h"
#include "measure/wire_size.h"

namespace duplex::measure {

enum class Transport {
  websocket,
  websocket_deflate,  // with permessage-deflate (RFC 7692): how far it shrinks is not predicted
  sse,
  long_poll,
  short_poll,
  short_poll_new_connection,
  latest_poll,       // a short poll of the newest event alone, whether it is new or not
  conditional_poll,  // the same, answered with 304 when it is not new: RFC 9110 section 13.1.2
  tcp,               // a bare stream: the floor
  echo,              // WebSocket there and back: what is measured is the round trip
  closed_echo,       // the same, but the next one waits for the answer: what is not to be done
  // Events of Socket.IO 5, in Engine.IO 4: over WebSocket, over long polling, and over the one
  // after it was opened over the other.
  socketio_websocket,
  socketio_polling,
  socketio_upgrade,
};

inline constexpr std::array<Transport, 14> all_transports{Transport::websocket,
                                                          Transport::websocket_deflate,
                                                          Transport::sse,
                                                          Transport::long_poll,
                                                          Transport::short_poll,
                                                          Transport::short_poll_new_connection,
                                                          Transport::latest_poll,
                                                          Transport::conditional_poll,
                                                          Transport::tcp,
                                                          Transport::echo,
                                                          Transport::closed_echo,
                                                          Transport::socketio_websocket,
                                                          Transport::socketio_polling,
                                                          Transport::socketio_upgrade};

std::string_view name_of(Transport transport) noexcept;  // "websocket", "long-poll", ...
bool is_echo(Transport transport) noexcept;
bool is_latest(Transport transport) noexcept;  // gives the newest event alone
bool is_socketio(Transport transport) noexcept;
bool is_long_poll(Transport transport) noexcept;  // waits at the server for an event

// When a client polls again.
enum class PollPacing {
  fixed_delay,  // poll_interval after the last answer
  fixed_rate,   // every poll_interval, whatever happens
};

// A feed at the server, one client, and a symmetric path between them. Service times are left out:
// what is predicted is the part that the transport and the path alone decide.
struct Scenario {
  Seconds one_way_delay{0};
  double rate = 10;  // events per second, above 0
  Arrivals arrivals = Arrivals::poisson;
  Seconds poll_interval{1};
  PollPacing pacing = PollPacing::fixed_delay;
  // A relay that holds back bytes but answers the TCP handshake itself: connecting costs no delay.
  bool handshake_is_local = false;
  std::size_t payload_size = 20;
  std::size_t event_name_size = 5;  // of Socket.IO's events: "event"
  HeaderProfile headers = {};

  Seconds round_trip() const noexcept { return 2 * one_way_delay; }
  double per_round_trip() const noexcept { return rate * round_trip().count(); }
};

// Every transport's latency has this shape: some events do not wait, the rest wait evenly long. Of
// Poisson events of which only the newest is given that is true of the mean alone.
struct LatencyModel {
  Seconds minimum{0};  // on the way, without waiting
  Seconds longest_wait{0};
  double immediate_share = 1;  // of events that do not wait

  Seconds mean() const noexcept;
  Seconds quantile(double share) const noexcept;  // 0.99 for the 99th percentile
  Seconds maximum() const noexcept { return minimum + longest_wait; }
  double share_within(Seconds latency) const noexcept;
  Seconds deviation() const noexcept;  // standard, over all clients
};

struct Prediction {
  LatencyModel latency;  // of the echo: of the round trip

  double requests_per_second = 0;
  double requests_per_event = 0;   // over events delivered; 0 for a push
  double events_per_response = 0;  // over all answers, empty ones too; 0 for a push
  double empty_share = 0;          // of the answers

  double application_bytes_per_event = 0;  // payload, framing and heads, both ways, no set-up
  double link_bytes_per_event = 0;         // the same as Ethernet frames, with acknowledgements

  Seconds mean_age{0};             // age of information, averaged over time
  double fresh_share = 0;          // of the time, the client's value equals the server's
  double missed_per_response = 0;  // states overwritten before they were seen, if only the latest
                                   // is sent
  double missed_share = 0;         // of the events, where only the latest is sent
  Seconds time_to_first_event{0};  // from connect(), of an event that is waiting already
};

Prediction predict(Transport transport, const Scenario& scenario);

// Time between the instants at which two polls in a row reach the server. Short polls only.
Seconds poll_cycle(Transport transport, const Scenario& scenario) noexcept;

// How long a pushed event waits on average where the first one opens a window, whose end sends all
// that came meanwhile together. The latency of the push comes on top.
Seconds coalescing_wait(const Scenario& scenario, Seconds window) noexcept;

// The standard deviation of one client's latencies among themselves. Nothing where it depends on
// for how long one looks: short polls of a periodic feed that drift through its phases.
std::optional<Seconds> client_deviation(Transport transport, const Scenario& scenario) noexcept;

// True when a periodic feed and the short polls keep step: one cycle is a whole multiple of the
// other, within 2 % of the shorter. Then the phase at the start decides the latency, somewhere
// between minimum and maximum, and the prediction holds only on average over random phases.
bool keeps_step(Transport transport, const Scenario& scenario) noexcept;

}  // namespace duplex::measure
