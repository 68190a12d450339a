// Histograms as HdrHistogram's log lines carry them: encoding V2, compressed, as Base64.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "measure/histogram.h"

namespace duplex::measure {

// "HISTF..."; what was refused is not in it.
std::string encode_histogram(const Histogram& histogram);

// What any implementation of HdrHistogram encoded so, if it neither shifts nor scales its values.
// Nothing when it is damaged. Takes up to 50 MB while it works, whatever the text says.
std::optional<Histogram> decode_histogram(std::string_view base64);

}  // namespace duplex::measure
