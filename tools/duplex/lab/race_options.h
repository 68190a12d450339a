// What a visitor of the lab page may choose for his race, and how far. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "../serve/feed.h"
#include "duplex/base/result.h"
#include "measure/model.h"

namespace duplex::tools::lab {

// The least and the most of each choice. Anybody may ask for a race, so the most is little: a
// hundred kilobytes a second.
struct RaceLimits {
  static constexpr double min_rate = 0.1;  // events per second
  static constexpr double max_rate = 100;
  static constexpr std::uint64_t max_event_size = 1024;  // bytes
  static constexpr double max_delay = 500;               // milliseconds, each way
  static constexpr double min_poll = 20;                 // milliseconds
  static constexpr double max_poll = 10'000;
  // A race ends this long after its start.
  static constexpr std::chrono::minutes max_age{10};
};

// One race: everything its four lanes agree on. The same options make the same events, on whichever
// thread; so the options are the race, and nobody need be told of it beforehand.
struct RaceOptions {
  double rate = 4;
  bool poisson = true;
  std::uint64_t event_size = 64;
  double delay = 20;  // milliseconds, each way
  double poll = 250;  // milliseconds between a short poll's answer and the next one: not the feed's
  std::chrono::nanoseconds start{0};  // of the monotonic clock

  // "rate=4&dist=poisson&size=64&delay=20&start=123": what names it; without `poll`.
  std::string query() const;
  FeedOptions feed() const;
  measure::Scenario scenario() const;
};

// Reads a query; what is absent is as above. The error is a sentence: name, value and what is
// allowed.
Result<RaceOptions, std::string> parse_race(std::string_view query);

// What is wrong with the race's start at that instant: empty when nothing is.
std::string start_problem(const RaceOptions& race, std::chrono::nanoseconds now);

}  // namespace duplex::tools::lab
