// Encodes and decodes frame headers: RFC 6455 section 5.2.
#include "duplex/websocket/frame.h"

#include "websocket/frame_decoder.h"
#include "websocket/frame_encoder.h"

namespace duplex::websocket {

std::size_t frame_header_size(const FrameHeader& header) noexcept {
  return encoded_header_size(header);
}

std::size_t encode_frame_header(const FrameHeader& header,
                                std::span<std::byte, max_frame_header_size> out) noexcept {
  write_frame_header(header, out.data());
  return encoded_header_size(header);
}

std::size_t decode_frame_header(Bytes in, FrameHeader& header) noexcept {
  return read_frame_header(in.data(), in.size(), header);
}

}  // namespace duplex::websocket
