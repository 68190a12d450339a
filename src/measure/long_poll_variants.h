// Long polls that are served otherwise than the model's: one event at a time, or two requests
// parked.
#pragma once

#include "measure/model.h"

namespace duplex::measure {

// One event per response though more are waiting, Poisson arrivals: a queue with constant service
// time. Infinite once rate times round trip reaches 1: the queue only grows.
Seconds one_event_long_poll_mean(const Scenario& scenario) noexcept;

struct TwoParkedPolls {
  Seconds mean{0};  // latency
  double requests_per_event = 1;
};

// Two requests in turn (the way of BOSH, XEP-0124), Poisson arrivals, everything in one response:
// an event waits only while both are under way.
TwoParkedPolls two_parked_long_polls(const Scenario& scenario) noexcept;

}  // namespace duplex::measure
