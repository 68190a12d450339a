// The frame microscope: what this server's WebSocket would make of some bytes, and say to them.
#pragma once

#include <string>

#include "duplex/base/bytes.h"

namespace duplex::tools::lab {

// More is refused; and the largest message there, small enough for 1009 to be seen.
inline constexpr std::size_t max_microscope_size = 4096;     // bytes
inline constexpr std::size_t max_microscope_message = 1024;  // bytes

// The bytes as they would come from a client after the opening handshake, without extensions. They
// are unmasked in place. JSON: {"events": [{"kind": ..., "hex": ...}], "state": "open" | "closing"
// | "closed", "unread": bytes after the end, "reply": hex, "close": {"code": ..., "violation":
// ...}}.
std::string examine(MutableBytes bytes);

}  // namespace duplex::tools::lab
