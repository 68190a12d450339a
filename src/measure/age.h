// How fresh the client's view was: age of information, binary freshness, what it missed.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <vector>

#include "measure/format.h"

namespace duplex::measure {

// All instants are offsets from one common origin.
struct Delivery {
  std::chrono::nanoseconds received{0};   // t_recv
  std::chrono::nanoseconds generated{0};  // t_gen
};

struct Window {
  std::chrono::nanoseconds begin{0};
  std::chrono::nanoseconds end{0};
};

struct AgeReport {
  Seconds mean{0};       // over time, from the first delivery (or the begin) to the end
  Seconds mean_peak{0};  // just before each refresh
  Seconds max_peak{0};
  std::size_t refreshes = 0;  // deliveries that raised the newest generation time
  std::size_t ignored = 0;    // deliveries that did not: duplicates and late ones
};

// Deliveries in order of reception. Those before the window only set what the client holds when it
// begins; those after it are ignored. No peak is counted for the first value the client ever holds.
AgeReport age_of_information(std::span<const Delivery> deliveries, Window window);

// One tooth: the age drops to `age` and grows from there with time.
struct Refresh {
  Seconds at{0};  // since the window began
  Seconds age{0};
};

// The sawtooth itself, under the same rules. What the client holds when the window begins comes
// first, at 0.
std::vector<Refresh> age_sawtooth(std::span<const Delivery> deliveries, Window window);

// Share of the window in which the newest value the client holds is the newest there is. A client
// that holds nothing is fresh as long as nothing has been generated. Both in ascending order.
double binary_freshness(std::span<const Delivery> deliveries,
                        std::span<const std::chrono::nanoseconds> generated, Window window);

struct DeliveryCounts {
  std::size_t seen = 0;        // generated events that arrived at least once
  std::size_t missed = 0;      // that never did
  std::size_t duplicates = 0;  // deliveries of what had arrived before
  std::size_t unknown = 0;     // deliveries of what is not among the generated events
  // Seen over generated, 1 when nothing was generated.
  double coherence() const noexcept;
};

// `generated` ascending and without repetition; deliveries in any order.
DeliveryCounts count_deliveries(std::span<const Delivery> deliveries,
                                std::span<const std::chrono::nanoseconds> generated);

}  // namespace duplex::measure
