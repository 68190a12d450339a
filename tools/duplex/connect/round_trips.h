// How long answers took: of messages, of pings. Pure.
#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "duplex/base/bytes.h"
#include "measure/histogram.h"

namespace duplex::tools {

// A message answers the oldest one that has no answer yet, as with an echo. Owner: a conversation.
class RoundTrips {
 public:
  using Time = std::chrono::steady_clock::time_point;

  void said(Time now);                                         // a message
  std::optional<std::chrono::nanoseconds> answered(Time now);  // nothing: none was waited for
  void pinged(Bytes payload, Time now);
  // Nothing for a pong that no ping asked for. A pong may answer for earlier pings, too: RFC 6455
  // section 5.5.3.
  std::optional<std::chrono::nanoseconds> ponged(Bytes payload, Time now);
  void forget();  // the connection has ended: nothing is waited for any more

  const measure::Histogram& replies() const noexcept { return replies_; }
  const measure::Histogram& pongs() const noexcept { return pongs_; }
  // "3 replies: 120 µs to 310 µs, median 184 µs; no pongs"
  std::string summary() const;

 private:
  static constexpr std::size_t max_waiting = 65536;  // beyond, the oldest are given up

  struct Ping {
    std::vector<std::byte> payload = {};
    Time sent = {};
  };

  std::deque<Time> waiting_;
  std::deque<Ping> pings_;
  measure::Histogram replies_{{.highest = 86'400'000'000'000}};
  measure::Histogram pongs_{{.highest = 86'400'000'000'000}};
};

}  // namespace duplex::tools
