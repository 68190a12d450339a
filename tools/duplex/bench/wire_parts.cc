// Bytes on the wire of one delivered event.
#include "wire_parts.h"

#include <algorithm>

namespace duplex::tools {

std::vector<WirePart> wire_parts(const ArmReport& arm) {
  if (!arm.wire || arm.delivery_count == 0) return {};
  const WireBytes& wire = *arm.wire;
  const double payload = std::min(arm.wire_payload, wire.content);
  return {{"payload", "payload", "the event itself", payload},
          {"framing", "framing", "frames, chunks and line ends; with TCP_INFO heads, too",
           wire.content - payload},
          {"heads", "HTTP heads", "of requests and answers", wire.heads},
          {"packet_headers", "TCP/IP/Ethernet", "headers of the packets, and SYNs and FINs",
           wire.packet_headers},
          {"acknowledgements", "ACKs", "packets that do nothing else", wire.acknowledgements},
          {"empty_polls", "empty polls", "all of them, headers and all", wire.empty_polls},
          {"sent_again", "sent again", "packets whose content had come before", wire.sent_again}};
}

}  // namespace duplex::tools
