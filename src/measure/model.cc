// Closed forms of latency, cost and freshness. x is the mean number of events in a round trip.
#include "measure/model.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace duplex::measure {
namespace {

// A TCP that has nothing to send acknowledges after 40 ms at the earliest (Linux).
constexpr Seconds delayed_acknowledgement{0.04};

bool is_poisson(const Scenario& s) { return s.arrivals == Arrivals::poisson; }

// Share of `window` lengths, evenly spread over [0, longest], in which a Poisson event is absent.
double quiet_share(double mean_count) {
  return mean_count > 0 ? -std::expm1(-mean_count) / mean_count : 1;
}

// How old the newest event is, on average, at the server.
Seconds age_at_source(const Scenario& s) { return Seconds((is_poisson(s) ? 1 : 0.5) / s.rate); }

// Chance that nothing happened in the last `wait` + `delay`, with `wait` even over [0, longest].
double fresh_share(const Scenario& s, Seconds delay, Seconds longest) {
  const double before = s.rate * delay.count();
  const double spread = s.rate * longest.count();
  if (is_poisson(s)) return std::exp(-before) * quiet_share(spread);
  if (before >= 1) return 0;
  if (spread == 0) return 1 - before;
  const double until = std::min(before + spread, 1.0);
  return ((until - before) - (until * until - before * before) / 2) / spread;
}

// Nothing waits: it takes `way` from generation to delivery.
Prediction push(const Scenario& s, Seconds way) {
  return {.latency = {.minimum = way},
          .mean_age = age_at_source(s) + way,
          .fresh_share = fresh_share(s, way, Seconds(0))};
}

// The server's buffer is emptied every `cycle`, out of step with the feed.
Prediction sampled(const Scenario& s, Seconds cycle) {
  const double events = s.rate * cycle.count();
  const double some = is_poisson(s) ? -std::expm1(-events) : std::min(events, 1.0);
  return {.latency = {.minimum = s.one_way_delay, .longest_wait = cycle, .immediate_share = 0},
          .requests_per_second = 1 / cycle.count(),
          .requests_per_event = 1 / events,
          .events_per_response = events,
          .empty_share = 1 - some,
          .mean_age = age_at_source(s) + s.one_way_delay + cycle / 2,
          .fresh_share = fresh_share(s, s.one_way_delay, cycle),
          .missed_per_response = events - some};
}

Prediction periodic_long_poll(const Scenario& s) {
  if (s.per_round_trip() > 1) return sampled(s, s.round_trip());
  Prediction result = push(s, s.one_way_delay);
  result.requests_per_second = s.rate;
  result.requests_per_event = result.events_per_response = 1;
  return result;
}

// Mean age at the instant of sending plus half the mean square gap between sendings over their
// mean: both follow from a gap of R with probability 1 - e^-x, else of R and an exponential time.
Seconds poisson_long_poll_age(const Scenario& s) {
  const double x = s.per_round_trip();
  const double quiet = std::exp(-x);
  const double age_when_sent = 1 - quiet * (1 + x);
  const double gap = x + quiet;
  const double gap_squared = x * x + 2 * quiet * (x + 1);
  return s.one_way_delay + Seconds((age_when_sent + gap_squared / (2 * gap)) / s.rate);
}

Prediction poisson_long_poll(const Scenario& s) {
  const double x = s.per_round_trip();
  const double quiet = std::exp(-x);
  const double events = x + quiet;
  return {.latency = {.minimum = s.one_way_delay,
                      .longest_wait = s.round_trip(),
                      .immediate_share = quiet / events},
          .requests_per_second = s.rate / events,
          .requests_per_event = 1 / events,
          .events_per_response = events,
          .mean_age = poisson_long_poll_age(s),
          .fresh_share = std::exp(-x / 2) / events,
          .missed_per_response = events - 1};
}

Prediction long_poll(const Scenario& s) {
  return is_poisson(s) ? poisson_long_poll(s) : periodic_long_poll(s);
}

// Of the events of a cycle only the newest is given: those before it are missed. It is as old as
// the last Poisson event in a cycle that has one, or evenly up to a period.
Prediction latest_poll(const Scenario& s, Seconds cycle) {
  Prediction result = sampled(s, cycle);
  const double events = s.rate * cycle.count();
  const double some = 1 - result.empty_share;
  result.requests_per_event = 1 / some;
  result.events_per_response = some;
  result.missed_share = 1 - some / events;
  const double wait = is_poisson(s) ? 1 / s.rate - cycle.count() * result.empty_share / some
                                    : std::min(cycle.count(), 1 / s.rate) / 2;
  result.latency.longest_wait = Seconds(2 * wait);
  return result;
}

bool is_short_poll(Transport t) {
  return t == Transport::short_poll || t == Transport::short_poll_new_connection || is_latest(t);
}

bool is_poll(Transport t) { return is_short_poll(t) || is_long_poll(t); }

Prediction timing(Transport t, const Scenario& s) {
  if (is_latest(t)) return latest_poll(s, poll_cycle(t, s));
  if (is_short_poll(t)) return sampled(s, poll_cycle(t, s));
  if (is_long_poll(t)) return long_poll(s);
  return push(s, is_echo(t) ? s.round_trip() : s.one_way_delay);
}

// An event as Socket.IO has it.
std::size_t packet_size(const Scenario& s) {
  return socketio_packet_size(s.event_name_size, s.payload_size);
}

// Between the instants at which a client has an answer and asks again.
Seconds pause(const Scenario& s) {
  const bool is_rate = s.pacing == PollPacing::fixed_rate;
  return is_rate ? s.poll_interval - s.round_trip() : s.poll_interval;
}

// How many times one cycle of the polls goes into the other one, the feed's; or the other way
// round.
double multiple_of(double events) { return std::max(events, 1 / events); }

bool is_near_whole(double number, double tolerance) {
  return std::abs(number - std::round(number)) < tolerance;
}

// Standard, of so many values at equal distances over `length`.
Seconds deviation_of(double count, Seconds length) {
  return length * std::sqrt((1 - 1 / (count * count)) / 12);
}

// What a push sends for one event, from the server.
double push_size(Transport t, const Scenario& s) {
  if (t == Transport::tcp) return static_cast<double>(s.payload_size);
  if (t == Transport::sse) return static_cast<double>(sse_chunk_size(s.payload_size));
  const std::size_t message = is_socketio(t) ? packet_size(s) : s.payload_size;
  return static_cast<double>(websocket_frame_size(message, false));
}

void add_push_bytes(Prediction& result, Transport t, const Scenario& s) {
  const double down = push_size(t, s);
  result.application_bytes_per_event = down;
  result.link_bytes_per_event = link_size(down) + acknowledgement_size(down);
  if (!is_echo(t)) return;
  // The answer carries the acknowledgement of what it answers.
  const auto up = static_cast<double>(websocket_frame_size(s.payload_size, true));
  result.application_bytes_per_event += up;
  result.link_bytes_per_event += link_size(up);
}

// What holds back bytes above TCP cannot answer a poll at once when the server is far from it.
bool relay_acknowledges(const Scenario& s) {
  return s.handshake_is_local && s.round_trip() >= delayed_acknowledgement;
}

// Share of long polls parked for so long that they are acknowledged before they are answered.
double acknowledged_alone_share(const Scenario& s) {
  if (relay_acknowledges(s)) return 1;
  const Seconds idle =
      (s.handshake_is_local ? Seconds(0) : s.round_trip()) + delayed_acknowledgement;
  const double mean_count = s.rate * idle.count();
  return is_poisson(s) ? std::exp(-mean_count) : mean_count < 1 ? 1 : 0;
}

// Link bytes of one poll and its answer beside the heads' and bodies' own segments.
double poll_extra(Transport t, const Scenario& s, double answer) {
  if (is_long_poll(t)) return segment_overhead * acknowledged_alone_share(s);
  // The acknowledgement of the answer rides on the next poll if that comes at once.
  const double alone = pause(s) > delayed_acknowledgement ? acknowledgement_size(answer) : 0;
  const double asked = relay_acknowledges(s) ? segment_overhead : 0;
  return asked + alone + (t == Transport::short_poll_new_connection ? connection_overhead : 0);
}

// What an event and what parts it from the next one take in the body of an answer.
double body_share(Transport t, const Scenario& s) {
  const std::size_t event =
      is_socketio(t) ? packet_size(s) + 1 : s.payload_size + s.headers.poll_event;
  return static_cast<double>(event);
}

void add_poll_bytes(Prediction& result, Transport t, const Scenario& s) {
  const HeaderProfile& heads = s.headers;
  const auto request = static_cast<double>(heads.poll_request);
  const auto empty = static_cast<double>(heads.poll_empty_response);
  const double event = body_share(t, s);
  // The newest event is sent again unless the client says which one it holds.
  const double full_share = t == Transport::latest_poll ? 1 : 1 - result.empty_share;
  // The separators of Engine.IO's payload stand between its packets: one fewer.
  const double body = (is_latest(t) ? event : event / (result.requests_per_event * full_share)) -
                      (is_socketio(t) ? 1 : 0);
  const double full = static_cast<double>(heads.poll_response) + body;
  result.application_bytes_per_event =
      result.requests_per_event * (request + full_share * full + (1 - full_share) * empty);
  const double link = link_size(request) + full_share * (link_size(full) + poll_extra(t, s, full)) +
                      (1 - full_share) * (link_size(empty) + poll_extra(t, s, empty));
  result.link_bytes_per_event = result.requests_per_event * link;
}

// Connecting, asking, and the answer; the echo sends only once the upgrade has come back. A client
// of Socket.IO says which namespace it wants once its session is open: over polling by a POST on a
// connection of its own, while a poll waits on the first one.
Seconds time_to_first_event(Transport t, const Scenario& s) {
  const int connecting = 1 + (s.handshake_is_local ? 0 : 1);
  const bool asks_again = is_echo(t) || t == Transport::socketio_websocket;
  const int more = is_socketio(t) && !asks_again ? connecting : asks_again ? 1 : 0;
  return (connecting + more) * s.round_trip();
}

}  // namespace

std::string_view name_of(Transport transport) noexcept {
  constexpr std::array<std::string_view, all_transports.size()> names{"websocket",
                                                                      "websocket-deflate",
                                                                      "sse",
                                                                      "long-poll",
                                                                      "short-poll",
                                                                      "short-poll-new-connection",
                                                                      "latest-poll",
                                                                      "conditional",
                                                                      "tcp",
                                                                      "echo",
                                                                      "echo-closed",
                                                                      "socketio-websocket",
                                                                      "socketio-polling",
                                                                      "socketio-upgrade"};
  return names[static_cast<std::size_t>(transport)];
}

bool is_echo(Transport t) noexcept { return t == Transport::echo || t == Transport::closed_echo; }

bool is_latest(Transport t) noexcept {
  return t == Transport::latest_poll || t == Transport::conditional_poll;
}

bool is_socketio(Transport t) noexcept {
  return t == Transport::socketio_websocket || t == Transport::socketio_polling ||
         t == Transport::socketio_upgrade;
}

bool is_long_poll(Transport t) noexcept {
  return t == Transport::long_poll || t == Transport::socketio_polling;
}

Seconds LatencyModel::mean() const noexcept {
  return minimum + (1 - immediate_share) / 2 * longest_wait;
}

Seconds LatencyModel::quantile(double share) const noexcept {
  if (share <= immediate_share) return minimum;
  return minimum + (share - immediate_share) / (1 - immediate_share) * longest_wait;
}

double LatencyModel::share_within(Seconds latency) const noexcept {
  if (latency < minimum) return 0;
  if (latency >= maximum()) return 1;
  return immediate_share + (1 - immediate_share) * ((latency - minimum) / longest_wait);
}

// Of a mixture of those that do not wait and those that wait evenly long.
Seconds LatencyModel::deviation() const noexcept {
  const double waits = 1 - immediate_share;
  return longest_wait * std::sqrt(waits / 3 - waits * waits / 4);
}

Prediction predict(Transport transport, const Scenario& scenario) {
  assert(scenario.rate > 0);
  assert(!is_short_poll(transport) || poll_cycle(transport, scenario) > Seconds(0));
  Prediction result = timing(transport, scenario);
  const auto add_bytes = is_poll(transport) ? add_poll_bytes : add_push_bytes;
  add_bytes(result, transport, scenario);
  result.time_to_first_event = time_to_first_event(transport, scenario);
  return result;
}

Seconds poll_cycle(Transport transport, const Scenario& scenario) noexcept {
  if (scenario.pacing == PollPacing::fixed_rate) return scenario.poll_interval;
  const bool connects =
      transport == Transport::short_poll_new_connection && !scenario.handshake_is_local;
  return scenario.poll_interval + (connects ? 2 : 1) * scenario.round_trip();
}

Seconds coalescing_wait(const Scenario& scenario, Seconds window) noexcept {
  const double others = scenario.rate * window.count();
  if (is_poisson(scenario)) return window * ((1 + others / 2) / (1 + others));
  return window - Seconds(std::floor(others) / scenario.rate / 2);
}

std::optional<Seconds> client_deviation(Transport transport, const Scenario& scenario) noexcept {
  constexpr double drift = 0.001;  // of a phase, from event to event, that is taken for none
  const LatencyModel latency = timing(transport, scenario).latency;
  if (is_poisson(scenario) || latency.longest_wait == Seconds(0)) return latency.deviation();
  if (!is_short_poll(transport) || scenario.pacing == PollPacing::fixed_delay) return std::nullopt;
  const double events = scenario.rate * scenario.poll_interval.count();
  if (!is_near_whole(multiple_of(events), drift)) return std::nullopt;
  // Each event of a cycle has a latency of its own, and the same one in the next cycle.
  if (is_latest(transport) || events < 1) return Seconds(0);
  return deviation_of(std::round(events), scenario.poll_interval);
}

bool keeps_step(Transport transport, const Scenario& scenario) noexcept {
  if (!is_short_poll(transport) || is_poisson(scenario)) return false;
  const double events = scenario.rate * poll_cycle(transport, scenario).count();
  return is_near_whole(multiple_of(events), 0.02);
}

}  // namespace duplex::measure
