// The story of a connection of which nothing could be captured: what passed through its socket, and
// what the kernel says of TCP (TCP_INFO). Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "story.h"

namespace duplex::tools::trace {

// The part of the kernel's struct tcp_info that is told.
struct TcpFigures {
  std::chrono::microseconds round_trip{0};  // smoothed
  std::uint32_t max_segment_size = 0;       // bytes, as we send
  std::uint32_t segments_out = 0;
  std::uint32_t segments_in = 0;
  std::uint32_t retransmissions = 0;
  std::uint32_t congestion_window = 0;  // segments
};

struct SocketEvent {
  enum class Kind : std::uint8_t { connected, sent, received, ended, shut, closed };
  Kind kind = Kind::sent;
  std::chrono::nanoseconds time{0};  // of the monotonic clock
  std::vector<std::byte> bytes = {};
  std::optional<TcpFigures> tcp = {};
};

Story tell_socket(const std::vector<SocketEvent>& events, std::size_t shown);

}  // namespace duplex::tools::trace
