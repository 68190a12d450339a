// The judging half of receiving a frame: the rules of RFC 6455 sections 5.1, 5.2, 5.4 and 5.5, and
// our limits, as one pure function with a named result per rule.
#pragma once

#include <cstddef>
#include <cstdint>

#include "duplex/websocket/frame.h"
#include "duplex/websocket/protocol.h"

namespace duplex::websocket {

// What a header is judged against: who we are and what came before it.
struct FrameContext {
  Role role = Role::server;          // ours
  bool mid_message = false;          // a fragment without FIN came last
  bool rsv1_defined = false;         // an extension gives RSV1 a meaning
  std::size_t message_size = 0;      // payload bytes of the message so far
  std::uint32_t fragment_count = 0;  // frames of the message so far
  std::size_t max_message_size = 0;
  std::uint32_t max_fragments = 0;
};

// `header_size` is the size of the header as it was received. The first broken rule is named.
Violation judge(const FrameHeader& header, std::size_t header_size,
                const FrameContext& context) noexcept;

}  // namespace duplex::websocket
