// The payload of a Close frame: RFC 6455 section 5.5.1.
#pragma once

#include <array>
#include <string_view>

#include "duplex/base/bytes.h"
#include "duplex/websocket/close_code.h"
#include "duplex/websocket/frame.h"
#include "duplex/websocket/protocol.h"

namespace duplex::websocket {

// The rule that a received payload breaks, or none.
Violation judge_close(Bytes payload) noexcept;

// The code in a payload that breaks none; 1005 when it is empty (section 7.1.5).
CloseCode close_code_of(Bytes payload) noexcept;

// A payload to send.
class ClosePayload {
 public:
  // What must not be sent (section 7.4) or does not fit becomes 1011 without a reason.
  ClosePayload(CloseCode code, std::string_view reason) noexcept;

  Bytes view() const noexcept { return Bytes(bytes_).first(size_); }

 private:
  std::array<std::byte, max_control_payload> bytes_;
  std::size_t size_;
};

}  // namespace duplex::websocket
