// Round trips.
#include "round_trips.h"

#include <algorithm>
#include <string_view>

#include "measure/format.h"

namespace duplex::tools {
namespace {

using std::chrono::nanoseconds;

nanoseconds record(measure::Histogram& histogram, nanoseconds time) {
  histogram.record(time.count());
  return time;
}

std::string text_of(std::int64_t time) { return measure::format_duration(nanoseconds(time)); }

std::string words(const measure::Histogram& times, std::string_view one, std::string_view many) {
  if (times.total() == 0) return "no " + std::string(many);
  if (times.total() == 1) return "1 " + std::string(one) + ": " + text_of(times.max());
  return std::to_string(times.total()) + ' ' + std::string(many) + ": " + text_of(times.min()) +
         " to " + text_of(times.max()) + ", median " + text_of(times.value_at_percentile(50));
}

}  // namespace

void RoundTrips::said(Time now) {
  if (waiting_.size() == max_waiting) waiting_.pop_front();
  waiting_.push_back(now);
}

std::optional<nanoseconds> RoundTrips::answered(Time now) {
  if (waiting_.empty()) return std::nullopt;
  const Time sent = waiting_.front();
  waiting_.pop_front();
  return record(replies_, now - sent);
}

void RoundTrips::pinged(Bytes payload, Time now) {
  if (pings_.size() == max_waiting) pings_.pop_front();
  pings_.push_back({.payload = {payload.begin(), payload.end()}, .sent = now});
}

std::optional<nanoseconds> RoundTrips::ponged(Bytes payload, Time now) {
  const auto asked = std::ranges::find_if(
      pings_, [payload](const Ping& ping) { return std::ranges::equal(ping.payload, payload); });
  if (asked == pings_.end()) return std::nullopt;
  const Time sent = asked->sent;
  pings_.erase(pings_.begin(), asked + 1);
  return record(pongs_, now - sent);
}

void RoundTrips::forget() {
  waiting_.clear();
  pings_.clear();
}

std::string RoundTrips::summary() const {
  return words(replies_, "reply", "replies") + "; " + words(pongs_, "pong", "pongs");
}

}  // namespace duplex::tools
