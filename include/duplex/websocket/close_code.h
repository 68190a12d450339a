// Close status codes: RFC 6455 section 7.4 and the IANA registry it set up.
#pragma once

#include <cstdint>

namespace duplex::websocket {

enum class CloseCode : std::uint16_t {
  normal_closure = 1000,
  going_away = 1001,
  protocol_error = 1002,
  unsupported_data = 1003,
  no_status_received = 1005,  // never on the wire: the peer's Close frame was empty
  abnormal_closure = 1006,    // never on the wire: the connection ended without a Close frame
  invalid_payload = 1007,
  policy_violation = 1008,
  message_too_big = 1009,
  mandatory_extension = 1010,
  internal_error = 1011,
  service_restart = 1012,  // IANA registry
  try_again_later = 1013,  // IANA registry
  bad_gateway = 1014,      // IANA registry
};

// True for codes an endpoint may put in a Close frame: sections 7.4.1 and 7.4.2.
constexpr bool is_sendable(CloseCode code) noexcept {
  const auto n = static_cast<std::uint16_t>(code);
  const bool defined = n >= 1000 && n <= 1014 && n != 1004 && n != 1005 && n != 1006;
  return defined || (n >= 3000 && n <= 4999);
}

}  // namespace duplex::websocket
