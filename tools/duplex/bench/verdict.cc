// What a bench's figures say, in sentences: only what lies outside the noise is called a
// difference.
#include <cmath>
#include <string>
#include <vector>

#include "cells.h"
#include "measure/format.h"
#include "report.h"

namespace duplex::tools {
namespace {

using measure::Seconds;

std::string spoken(const ArmSpec& arm) {
  switch (arm.transport) {
    case measure::Transport::websocket:
      return "WebSocket";
    case measure::Transport::websocket_deflate:
      return "WebSocket with compression";
    case measure::Transport::sse:
      return "Server-Sent Events";
    case measure::Transport::long_poll:
      return "long polling";
    case measure::Transport::short_poll:
      return "short polling";
    case measure::Transport::short_poll_new_connection:
      return "short polling with a new connection each";
    case measure::Transport::latest_poll:
      return "polling for the newest event";
    case measure::Transport::conditional_poll:
      return "polling for the newest event if it is new";
    case measure::Transport::tcp:
      return "plain TCP";
    case measure::Transport::echo:
      return "the echo (there and back)";
    case measure::Transport::closed_echo:
      return "the echo that waits for its answer";
    case measure::Transport::socketio_websocket:
      return "Socket.IO over WebSocket";
    case measure::Transport::socketio_polling:
      return "Socket.IO over long polling";
    case measure::Transport::socketio_upgrade:
      return "Socket.IO that changed to WebSocket";
  }
  return {};
}

std::string enumerate(const std::vector<std::string>& parts) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i != 0) text += i + 1 == parts.size() ? " and " : ", ";
    text += parts[i];
  }
  return text;
}

std::string band(double noise_floor) {
  return "A/A band ±" + measure::format_share(noise_floor - 1);
}

std::string comparison(const BenchReport& report) {
  const ArmReport& reference = report.arms.front();
  const std::string first = "WebSocket delivered an event after " +
                            measure::format_duration(Seconds(reference.mean)) + " on average";
  if (!report.has_control) {
    return first +
           ". It was not measured against itself in two rounds: what is noise is not known.";
  }
  std::vector<std::string> different;
  std::vector<std::string> alike;
  for (const ArmReport& arm : report.arms) {
    if (&arm == &reference || arm.arm.control || !arm.ratio) continue;
    if (arm.distinguishable) {
      different.push_back(spoken(arm.arm) + " " + ratio_cell(*arm.ratio));
    } else {
      alike.push_back(spoken(arm.arm));
    }
  }
  std::string text = first;
  if (!different.empty()) text += "; " + enumerate(different) + " of that time";
  text += ".";
  if (!alike.empty()) {
    text += " Not distinguishable from WebSocket: " + enumerate(alike) + " (" +
            band(report.noise_floor) + ").";
  }
  return text;
}

std::string agreement(const BenchReport& report) {
  std::vector<std::string> off;
  for (const ArmReport& arm : report.arms) {
    if (!arm.has_times() || arm.as_predicted()) continue;
    off.push_back(spoken(arm.arm) + (arm.arm.control ? " (A/A)" : "") + " (predicted " +
                  measure::format_duration(Seconds(arm.predicted.mean)) + ", measured " +
                  measure::format_duration(Seconds(arm.mean)) + ")");
  }
  if (off.empty()) return "Every mean is within 15 % + 2 ms of what theory predicts.";
  return "Not within 15 % + 2 ms of what theory predicts: " + enumerate(off) + ".";
}

std::string rate_text(double rate) { return measure::significant(rate) + " events/s"; }

// A server that runs already has been told its rate by somebody else.
std::string remark_on_feed(const BenchReport& report) {
  if (!report.is_other_feed) {
    if (!report.has_other_gaps) return {};
    const bool meant_random = report.run.options.poisson;
    return std::string("The server's events came ") +
           (meant_random ? "at equal gaps, not at random" : "at random, not at equal gaps") +
           ", as --dist says: the predictions are of another feed.\n";
  }
  return "The server made " + rate_text(report.feed_rate) + " where --rate says " +
         rate_text(report.run.options.rate) + ": the predictions are of another feed.\n";
}

}  // namespace

// The interval of a median of n rounds reaches from one round's figure to another's at best: in
// 2 of 2^n cases all of them lie on one side of what is sought, and 2 of 64 are less than 5 %.
std::string doubt_of(std::size_t rounds) {
  constexpr std::size_t enough = 20;
  if (rounds >= enough || rounds == 0) return {};
  if (rounds == 1) return "Compared in 1 round: there are no intervals. Take the ratios as a hint.";
  const std::string count = "Compared in " + std::to_string(rounds) + " rounds";
  if (rounds >= rounds_for_interval) {
    return count + ", fewer than " + std::to_string(enough) + ": the intervals are wide.";
  }
  const double held = 1 - std::ldexp(1.0, 1 - static_cast<int>(rounds));
  return count + ": the intervals hold what they should in " + measure::fixed(100 * held, 1) +
         " % of all cases at most, not in 95 %. Take the ratios as a hint.";
}

std::string verdict(const BenchReport& report, bool with_theory) {
  if (report.arms.front().delivery_count == 0) {
    return "WebSocket delivered no event: there is nothing to compare with.";
  }
  if (report.arms.front().below_clock_error) {
    return "WebSocket's time is less than what the two clocks may be apart (±" +
           measure::format_duration(Seconds(report.run.clock->error)) +
           "): there is nothing to compare with. An echo's way there and back is measured by one.";
  }
  std::string text = remark_on_feed(report) + comparison(report);
  if (with_theory) text += "\n" + agreement(report);
  const std::string doubt = doubt_of(report.compared_rounds);
  return doubt.empty() ? text : text + "\n" + doubt;
}

}  // namespace duplex::tools
