// Frames on a terminal.
#include "frame_view.h"

#include <string>
#include <variant>

#include "../frames/bit_box.h"
#include "../frames/frame_words.h"

namespace duplex::tools {
namespace {

// Of a payload: a box of sixteen bytes fits into a hundred columns.
constexpr std::size_t max_box_bytes = 8;
constexpr std::size_t max_text_bytes = 60;

// Section 5.5.1: two bytes are the code, the rest is the reason.
std::string close_words(const SeenFrame& frame) {
  if (frame.payload.size() < 2) return "without a code";
  const unsigned code = std::to_integer<unsigned>(frame.payload[0]) << 8 |
                        std::to_integer<unsigned>(frame.payload[1]);
  const std::string reason = one_line(as_text(Bytes(frame.payload).subspan(2)));
  return std::to_string(code) + (reason.empty() ? "" : " \"" + reason + "\"");
}

std::string content_words(const SeenFrame& frame) {
  const bool inflated = frame.inflated && frame.inflate_fault.empty();
  const Bytes payload = inflated ? Bytes(*frame.inflated) : Bytes(frame.payload);
  const std::uint64_t size = inflated ? frame.inflated_size : frame.header.payload_length;
  if (frame.header.opcode == websocket::Opcode::close) return close_words(frame);
  if (size == 0) return "empty";
  const bool binary = !is_control(frame.header.opcode) && frame.text == TextState::none;
  return binary ? hex_beginning(payload, max_box_bytes, size)
                : '"' + one_line(as_text(payload), max_text_bytes, size) + '"';
}

}  // namespace

void FrameView::hear(SocketTap::Way way, Bytes bytes) {
  if (!dialogue_) return;
  const Side from = way == SocketTap::Way::sent ? Side::client : Side::server;
  for (const Utterance& utterance : dialogue_->hear(from, bytes)) {
    if (const auto* const frame = std::get_if<SeenFrame>(&utterance)) tell(from, *frame);
  }
}

void FrameView::tell(Side from, const SeenFrame& frame) {
  const std::string size =
      std::to_string(frame.header_size) + "+" + bytes_text(frame.header.payload_length);
  console_.tell((from == Side::client ? "sent " : "received ") + opcode_name(frame.header.opcode) +
                (frame.header.fin ? "" : ", more follows") + ", " + size +
                (frame.inflated ? ", compressed" : "") + ": " + content_words(frame));
  for (const std::string& line : bit_box(frame, max_box_bytes)) console_.tell("  " + line);
}

}  // namespace duplex::tools
