// The text of a packet, taken apart, and what holds for packets in any form. Private.
#pragma once

#include <string>
#include <string_view>

#include "duplex/socketio/packet.h"

namespace duplex::socketio {

struct ParsedText {
  Packet packet = {};
  std::size_t attachments = 0;  // that are to follow; the data has placeholders for them
};

Result<ParsedText, std::string> parse_packet_text(std::string_view text,
                                                  const PacketLimits& limits);

// What of its parts does not belong together, for people; empty: nothing.
std::string problem_with(const Packet& packet);

}  // namespace duplex::socketio
