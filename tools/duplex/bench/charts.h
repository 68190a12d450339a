// What a run found, drawn. Pure.
#pragma once

#include <string>
#include <string_view>

#include "preset_report.h"
#include "report.h"

namespace duplex::tools {

// Colours, dashes and shapes of the charts: light and dark, and told apart without colours.
extern const std::string_view chart_style;

// Each of these is an <svg> element; with `style` a file that stands alone.
// Latency by percentile: measured as lines, predicted as hollow marks.
std::string percentile_chart(const BenchReport& report, std::string_view style = {});
// How often each latency came: one ridge for each arm, each as high as the next.
std::string ridgeline_chart(const BenchReport& report);
// Bytes of an event on the wire, stacked from the payload outwards; where nobody watched the wire,
// those at the server's sockets.
std::string bytes_chart(const BenchReport& report);
// How old the newest event was that a client held, over a part of one block of each arm.
std::string sawtooth_chart(const BenchReport& report);
// A frame from the call that sends it on: when it reached which step, half of them and 99 of 100.
std::string ladder_chart(const Ladder& ladder);
// The mean in each round, as it went.
std::string rounds_chart(const BenchReport& report);
// An experiment: the mean of each arm at each step, with the prediction.
std::string steps_chart(const PresetReport& report, std::string_view style = {});

}  // namespace duplex::tools
