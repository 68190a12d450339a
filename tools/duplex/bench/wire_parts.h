// Bytes on the wire of one delivered event, from its payload outwards. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "report.h"

namespace duplex::tools {

struct WirePart {
  std::string_view name = {};     // in JSON: "packet_headers"
  std::string_view heading = {};  // "TCP/IP/Ethernet"
  std::string_view meaning = {};
  double bytes = 0;  // per event
};

// All parts, in their order, whose sum is all that was on the wire; none when nobody watched.
std::vector<WirePart> wire_parts(const ArmReport& arm);

}  // namespace duplex::tools
