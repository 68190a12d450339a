// Sizes of frames, chunks and segments.
#include "measure/wire_size.h"

#include <bit>
#include <cmath>

namespace duplex::measure {
namespace {

double segments(double size) { return std::ceil(size / full_segment); }

std::size_t hex_digits(std::size_t number) {
  return (static_cast<std::size_t>(std::bit_width(number)) + 3) / 4;
}

}  // namespace

std::size_t websocket_frame_size(std::size_t payload_size, bool masked) noexcept {
  const std::size_t extended = payload_size <= 125 ? 0 : payload_size <= 0xffff ? 2 : 8;
  return 2 + extended + (masked ? 4 : 0) + payload_size;
}

std::size_t sse_chunk_size(std::size_t payload_size) noexcept {
  const std::size_t event = 6 + payload_size + 2;
  return hex_digits(event) + 2 + event + 2;
}

std::size_t socketio_packet_size(std::size_t name_size, std::size_t text_size) noexcept {
  return 9 + name_size + text_size;
}

double link_size(double size) noexcept { return size + segments(size) * segment_overhead; }

double acknowledgement_size(double size) noexcept {
  return std::ceil(segments(size) / 2) * segment_overhead;
}

}  // namespace duplex::measure
