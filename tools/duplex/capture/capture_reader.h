// Reads capture files: pcapng, and pcap with microseconds or nanoseconds, in both byte orders.
// Strict: any bytes are allowed, nothing beyond them is read, a length that cannot be is refused.
// Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "captured_packet.h"
#include "duplex/base/result.h"

namespace duplex::tools::trace {

// What is wrong, in words, and where.
struct CaptureFault {
  std::string what = {};
  std::size_t offset = 0;  // bytes from the start of the file
};

struct Capture {
  std::vector<CapturedPacket> packets = {};
  // Why the file ends before its end, if it does: what came before can be used.
  std::string remark = {};
};

// Bytes of one packet: more than this is no packet.
inline constexpr std::size_t max_packet_size = std::size_t{256} << 10;
inline constexpr std::size_t max_interface_count = 4096;

Result<Capture, CaptureFault> read_capture(Bytes file);

}  // namespace duplex::tools::trace
