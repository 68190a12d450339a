// The text of a packet, taken apart, and what holds for packets in any form. Private.
#pragma once

#include <string>
#include <string_view>

#include "duplex/socketio/packet.h"

namespace duplex::socketio {

// Into a packet that is as it was made. `attachments` are to follow, for which the data has
// placeholders. What is wrong, for people, or nothing.
std::string parse_packet_text(std::string_view text, const PacketLimits& limits, Packet& packet,
                              std::size_t& attachments);

// What of its parts does not belong together, for people; empty: nothing.
std::string problem_with(const Packet& packet);

}  // namespace duplex::socketio
