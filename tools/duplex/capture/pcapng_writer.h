// Writes packets as a capture file that Wireshark opens: pcapng (IETF opsawg draft), with a comment
// on each packet. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "captured_packet.h"

namespace duplex::tools::trace {

struct CaptureAbout {
  std::string application = {};  // what wrote the file
  std::string comment = {};      // on the whole
  std::string interface = {};    // "lo"
};

// The whole file. Checksums that were left to a network card are written as they should be; those
// that are wrong stay so. One interface is described for each link type.
std::string write_pcapng(std::span<const CapturedPacket> packets, const CaptureAbout& about);

}  // namespace duplex::tools::trace
