// The interval log of HdrHistogram.
#include "measure/interval_log.h"

namespace duplex::measure {

std::string interval_log(Seconds start_time, std::string_view spelled,
                         const std::vector<LogInterval>& intervals) {
  std::string text =
      "#[Histogram log format version 1.2]\n"
      "#[StartTime: " +
      fixed(start_time.count(), 3) + " (seconds since epoch), " + std::string(spelled) +
      "]\n"
      "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
      "\"Interval_Compressed_Histogram\"\n";
  // The maxima are in milliseconds, as the format has them, though the histograms are not.
  for (const LogInterval& each : intervals) {
    text += "Tag=" + each.tag + ',' + fixed(each.start.count(), 3) + ',' +
            fixed(each.length.count(), 3) + ',' + fixed(1e3 * each.max.count(), 3) + ',' +
            each.histogram + '\n';
  }
  return text;
}

}  // namespace duplex::measure
