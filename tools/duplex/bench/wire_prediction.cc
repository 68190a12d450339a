// Bytes of an event on the wire, as theory has them.
#include "wire_prediction.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include "../feed_event.h"
#include "duplex/http/serialize.h"
#include "duplex/websocket/deflate_parameters.h"
#include "measure/model.h"

namespace duplex::tools {
namespace {

using measure::Transport;

// Ports that are given out have 5 digits.
constexpr std::string_view any_address = "127.0.0.1:40000";
constexpr std::string_view any_date = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr std::string_view close = "close";

// Of what a file says, however much; 10^18 of what is no number.
std::int64_t whole(double count) {
  constexpr double most = 1e18;
  return std::llround(count < most ? std::max(count, 0.0) : most);
}

std::string middle_id(const BenchOptions& options) {
  using Time = std::chrono::duration<double>;
  const Time middle = (Time(options.warm_up) + Time(options.duration)) / 2;
  return std::to_string(whole(std::max(options.rate * middle.count(), 1.0)));
}

// Socket.IO's client says a time in nanoseconds and a number with each poll, so that no cache
// answers, and its session's id.
constexpr std::string_view socketio_target =
    "/feed/socket.io/?EIO=4&transport=polling&t=123456789012345.12&sid=12345678901234567890";

std::string target_of(Transport transport, const BenchOptions& options) {
  if (measure::is_socketio(transport)) return std::string(socketio_target);
  if (measure::is_latest(transport)) return "/feed/latest";
  const std::string path = transport == Transport::long_poll ? "/feed/lp" : "/feed/sp";
  return path + "?after=" + middle_id(options);
}

std::size_t request_size(Transport transport, const BenchOptions& options) {
  const std::string tag = '"' + middle_id(options) + '"';
  std::vector<http::Field> fields;
  if (transport == Transport::conditional_poll) fields.push_back({"If-None-Match", tag});
  if (transport == Transport::short_poll_new_connection) fields.push_back({"Connection", close});
  const std::string target = target_of(transport, options);
  std::string head;
  const bool written = http::append_request_head(
      head, {.target = target,
             .host = options.server.empty() ? any_address : std::string_view(options.server),
             .fields = fields});
  return written ? head.size() : 0;
}

// An answer whose body has that size; 0: that there is nothing new.
std::size_t answer_size(Transport transport, const BenchOptions& options, double body_size) {
  const std::string tag = '"' + middle_id(options) + '"';
  std::vector<http::Field> fields = {{"Cache-Control", "no-store"}};
  if (measure::is_latest(transport)) fields = {{"ETag", tag}, {"Cache-Control", "no-cache"}};
  if (measure::is_socketio(transport)) fields.push_back({"Access-Control-Allow-Origin", "*"});
  const bool unmodified = transport == Transport::conditional_poll && body_size == 0;
  std::string head;
  const bool written = http::append_response_head(
      head, {.status = unmodified ? 304 : 200,
             .date = any_date,
             .connection = transport == Transport::short_poll_new_connection ? close : "",
             .content_type = unmodified ? "" : "text/plain; charset=utf-8",
             .fields = fields,
             .body = unmodified ? http::BodyHeader::none : http::BodyHeader::content_length,
             .content_length = static_cast<std::uint64_t>(whole(body_size))});
  return written ? head.size() : 0;
}

double events_per_answer(Transport transport, const BenchOptions& options) {
  if (measure::is_latest(transport)) return 1;
  const auto prediction = measure::predict(transport, scenario_of(options));
  return prediction.events_per_response / (1 - prediction.empty_share);
}

double body_size(Transport transport, const BenchOptions& options) {
  const std::size_t event =
      measure::is_socketio(transport)
          ? measure::socketio_packet_size(measure::Scenario{}.event_name_size, options.event_size)
          : options.event_size;
  return events_per_answer(transport, options) * static_cast<double>(event + 1);
}

bool is_poll(Transport transport, const BenchOptions& options) {
  return measure::predict(transport, scenario_of(options)).requests_per_event > 0;
}

// What travels with an event in its frame, chunk or stream beside the event.
std::size_t company_of(Transport transport, const BenchOptions& options) {
  if (transport == Transport::sse) return std::string("id: \n").size() + middle_id(options).size();
  return transport == Transport::tcp ? 1 : 0;
}

// JSON, in which Socket.IO has events, escapes what is no letter.
bool is_silent(Transport transport, const BenchOptions& options) {
  return !options.chaos.empty() || options.event_size < min_event_size ||
         (measure::is_socketio(transport) && options.content != "letter") ||
         (transport == Transport::websocket_deflate &&
          options.event_size >= websocket::DeflateOptions{}.threshold);
}

// A segment of loopback is longer than one of an Ethernet: how larger pieces are cut is not known.
bool fits_segment(double size) { return size <= measure::full_segment; }

std::optional<double> of_poll(Transport transport, const BenchOptions& options) {
  measure::Scenario scenario = scenario_of(options);
  scenario.headers = poll_heads(transport, options);
  const auto heads = static_cast<double>(scenario.headers.poll_response);
  if (!fits_segment(heads + body_size(transport, options))) return std::nullopt;
  return measure::predict(transport, scenario).link_bytes_per_event;
}

std::optional<double> of_push(Transport transport, const BenchOptions& options) {
  measure::Scenario scenario = scenario_of(options);
  scenario.payload_size += company_of(transport, options);
  const bool waits = options.coalesce.count() > 0 && !measure::is_echo(transport);
  constexpr std::size_t framing = 32;  // at most
  const auto size = static_cast<double>(scenario.payload_size + framing);
  if (waits || !fits_segment(size)) return std::nullopt;
  return measure::predict(transport, scenario).link_bytes_per_event;
}

}  // namespace

measure::HeaderProfile poll_heads(measure::Transport transport, const BenchOptions& options) {
  measure::HeaderProfile heads = {
      .poll_request = request_size(transport, options),
      .poll_response = answer_size(transport, options, body_size(transport, options)),
      .poll_empty_response = answer_size(transport, options, 0),
      .poll_event = 1};
  if (measure::is_socketio(transport)) return heads;  // its client's own, as they are
  // With a cookie, if there is room for one: "Cookie: ", a character and the line's end.
  constexpr std::size_t least_cookie = 11;
  const std::size_t both = heads.poll_request + heads.poll_response;
  if (options.heads >= both + least_cookie) heads.poll_request += options.heads - both;
  return heads;
}

std::optional<double> predicted_wire_bytes(const ArmSpec& arm, const BenchOptions& options) {
  if (is_silent(arm.transport, options)) return std::nullopt;
  return is_poll(arm.transport, options) ? of_poll(arm.transport, options)
                                         : of_push(arm.transport, options);
}

}  // namespace duplex::tools
