// How exact a link is: what it should do with a series of probes, and what it did. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "../exit_code.h"
#include "link_model.h"

namespace duplex::tools::wire {

// Equal packets, one after the other, each of which is sent back.
struct ProbePlan {
  std::size_t count = 0;
  Nanoseconds interval{0};
  std::size_t size = 0;  // bytes of the IP packet
};
// So many that they take about five seconds, and so far apart that none waits for another at a
// transmitter.
ProbePlan plan_probes(const WireOptions& wire);

using RoundTrips = std::vector<std::optional<Nanoseconds>>;  // by probe; nothing: none came back

// What the model makes of them, with the seed that the emulator has: the same packets are lost, and
// each is as late.
RoundTrips expected_round_trips(const WireOptions& wire, const ProbePlan& plan);

// From SYN to SYN-ACK, and how long to wait before the next one so that nothing is in its way.
Nanoseconds expected_handshake(const WireOptions& wire);
Nanoseconds pause_of_handshakes(const WireOptions& wire);

// Asked against measured; times are seconds.
struct Accuracy {
  std::size_t probes = 0;
  std::size_t lost_expected = 0;
  std::size_t lost = 0;
  std::size_t lost_tolerance = 0;  // where the course of time has a say in what is lost
  double mean_expected = 0;        // of the probes that came back and should have
  double mean = 0;
  double tolerance = 0;  // of the mean and of the handshake
  double error_p50 = 0;  // of a single round trip: too late or too early by so much
  double error_p95 = 0;
  double error_worst = 0;
  double handshake_expected = 0;
  double handshake = 0;            // median; 0: none was made
  double handshake_tolerance = 0;  // wider, as jitter has a say
  bool handshake_is_due = false;   // nothing is lost that could keep one from being made

  bool loses_right() const noexcept;
  bool mean_is_right() const noexcept;
  bool handshake_is_right() const noexcept;
  bool lacks_handshake() const noexcept;  // none was made, though it is due
};

// `handshakes`: how long TCP's took, of those that took no second SYN.
Accuracy compare(const WireOptions& wire, const RoundTrips& expected, const RoundTrips& measured,
                 const std::vector<double>& handshakes);

// ok; threshold_missed when other packets were lost than should have been, or no connection came
// about where nothing is lost; inconclusive when the machine was too late.
ExitCode verdict_of(const Accuracy& accuracy) noexcept;
std::string verdict_text(const Accuracy& accuracy);
std::string table_of(const Accuracy& accuracy);

}  // namespace duplex::tools::wire
