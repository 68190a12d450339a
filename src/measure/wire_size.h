// How many bytes an event costs on each transport, from the payload down to the link.
#pragma once

#include <cstddef>

namespace duplex::measure {

// A WebSocket frame with its payload: RFC 6455 5.2. `masked` is the way from client to server.
std::size_t websocket_frame_size(std::size_t payload_size, bool masked) noexcept;
// "data: ", payload without line ends, empty line; in a chunk of its own: RFC 9112 7.1.
std::size_t sse_chunk_size(std::size_t payload_size) noexcept;
// An event of Socket.IO with a text as its argument, in a packet of Engine.IO: 42["NAME","TEXT"],
// which is 9 bytes and both, as long as JSON escapes nothing. Sources: the Engine.IO protocol 4,
// "Packet encoding" (message is '4'), the Socket.IO protocol 5, "Packet encoding" (EVENT is '2',
// the namespace "/" is left out).
std::size_t socketio_packet_size(std::size_t name_size, std::size_t text_size) noexcept;

// Sizes of the heads as they are sent, the empty line included.
struct HeaderProfile {
  std::size_t poll_request = 0;
  std::size_t poll_response = 0;        // of an answer that carries events
  std::size_t poll_empty_response = 0;  // of one that carries none
  // In the body, per event, beside the payload: a separator. Socket.IO has its own.
  std::size_t poll_event = 0;
};

// Ethernet, IPv4 and TCP with timestamps; SYN and SYN-ACK carry eight bytes more.
inline constexpr double segment_overhead = 14 + 20 + 32;
inline constexpr double connection_overhead = 6 * segment_overhead + 2 * 8;
inline constexpr double full_segment = 1448;  // payload of a segment when the MTU is 1500

// Bytes on the link for one piece of `size` bytes: its segments, without acknowledgements.
double link_size(double size) noexcept;
// Acknowledgements that travel alone: one for every two segments.
double acknowledgement_size(double size) noexcept;

}  // namespace duplex::measure
