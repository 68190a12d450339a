// What things are called, and texts for one line. Pure.
#pragma once

#include <chrono>
#include <string>

#include "../capture/packet.h"
#include "../frames/frame_words.h"

namespace duplex::tools::trace {

std::string mac_text(const MacAddress& address);      // "00:1b:21:3c:9d:f8"
std::string flags_text(const TcpHeader& header);      // "PSH ACK"
std::string options_text(const TcpOptions& options);  // "MSS 65495, SACK, TS, WS 2^10"

// "70 µs", "14.0 ms"; of an instant since the start, and of a span.
std::string time_text(std::chrono::nanoseconds time);

}  // namespace duplex::tools::trace
