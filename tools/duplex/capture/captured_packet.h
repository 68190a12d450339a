// A packet as it was captured: bytes, an instant, and what is said about it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "packet.h"

namespace duplex::tools::trace {

// As a capture file numbers them.
enum class Heading : std::uint8_t { unknown = 0, inbound = 1, outbound = 2 };

struct CapturedPacket {
  std::chrono::nanoseconds time{0};  // since 1970
  LinkType link = LinkType::ethernet;
  std::vector<std::byte> bytes = {};  // from the header of the link on
  std::size_t sent_size = 0;          // bytes; more than bytes.size() when the capture cut it
  Heading heading = Heading::unknown;
  std::string comment = {};  // UTF-8
};

}  // namespace duplex::tools::trace
