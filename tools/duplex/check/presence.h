// Whether the server is still there, as far as its connections tell. Pure: it is told the time.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "case_run.h"

namespace duplex::tools::suite {

// The server took no connection for a while, or does not any more.
struct Absence {
  std::string first = {};    // the case that could not connect; empty: all were over
  std::string problem = {};  // "cannot connect to 127.0.0.1:9001: Connection refused"
  // Cases that were under way when it began, or just over: one of them may have done it.
  std::vector<std::string> suspects = {};
  bool back = false;  // it has come back
};

// "the server is gone since case 1.1.1"
std::string describe(const Absence& absence);
// What has to be known to find the case that did it; "{case}" in `repeat` stands for cases.
std::vector<std::string> explain(const Absence& absence, const std::string& repeat);

// A connection that is refused is tried again and again, for some time.
class Presence {
 public:
  explicit Presence(milliseconds patience) : patience_(patience) {}

  // Of a connection that began then, something has come: what was over before did no harm.
  void answered(Clock::time_point begun);
  void over(std::size_t index, Clock::time_point now);  // a case
  void refused(Clock::time_point now);
  void taken() noexcept;

  bool missing() const noexcept { return since_.has_value(); }
  // It has been missing for too long.
  bool gone() const noexcept { return gone_; }
  // When it went missing.
  Clock::time_point since() const noexcept { return since_.value_or(Clock::time_point::max()); }
  // While it is missing: when to try again.
  Clock::time_point next_try() const noexcept { return next_try_; }
  void put_off(Clock::time_point now) noexcept;
  // Cases that were over when nothing told any more that it was well.
  std::vector<std::size_t> suspects() const;

 private:
  struct Over {
    std::size_t index;
    Clock::time_point at;
  };

  milliseconds patience_;
  std::vector<Over> over_;
  Clock::time_point answered_ = Clock::time_point::min();
  std::optional<Clock::time_point> since_;
  Clock::time_point next_try_ = Clock::time_point::min();
  bool gone_ = false;
};

}  // namespace duplex::tools::suite
