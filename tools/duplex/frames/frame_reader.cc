// Reads frames to show them.
#include "frame_reader.h"

#include <algorithm>
#include <utility>

#include "duplex/codec/mask.h"

namespace duplex::tools {
namespace {

using websocket::Opcode;

// What an inflated message may grow to before it is given up: a bomb is no story.
constexpr std::size_t max_inflated_size = std::size_t{256} << 20;

void keep(std::vector<std::byte>& kept, Bytes piece) {
  const std::size_t room = max_kept_payload - std::min(kept.size(), max_kept_payload);
  const Bytes part = piece.first(std::min(piece.size(), room));
  kept.insert(kept.end(), part.begin(), part.end());
}

}  // namespace

void FrameReader::set_compression(const Compression& compression) {
  inflater_ = std::make_unique<codec::Inflater>(
      codec::InflateOptions{.window_bits = compression.window_bits,
                            .context_takeover = compression.context_takeover,
                            .max_message_size = max_inflated_size});
}

std::optional<SeenFrame> FrameReader::read(Bytes& input) {
  if (!header_complete_ && !read_header(input)) return std::nullopt;
  const std::uint64_t missing = frame_.header.payload_length - payload_read_;
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(missing, input.size()));
  take_payload(input.first(size));
  input = input.subspan(size);
  if (payload_read_ < frame_.header.payload_length) return std::nullopt;
  return finish();
}

// Byte by byte: at most 14.
bool FrameReader::read_header(Bytes& input) {
  while (!input.empty()) {
    frame_.header_bytes[header_filled_++] = input.front();
    input = input.subspan(1);
    const Bytes so_far = Bytes(frame_.header_bytes).first(header_filled_);
    frame_.header_size = websocket::decode_frame_header(so_far, frame_.header);
    if (frame_.header_size == 0) continue;
    begin_payload();
    return true;
  }
  return false;
}

void FrameReader::begin_payload() {
  header_complete_ = true;
  const websocket::FrameHeader& header = frame_.header;
  if (is_data() && header.opcode != Opcode::continuation) {
    message_opcode_ = header.opcode;
    message_compressed_ = header.rsv1 && inflater_ != nullptr;
    utf8_.reset();
    utf8_valid_ = true;
  }
  if (is_data() && message_compressed_) frame_.inflated.emplace();
  frame_.message_opcode = message_opcode_;
}

void FrameReader::take_payload(Bytes piece) {
  if (piece.empty()) return;
  keep(frame_.sent, piece);
  std::vector<std::byte> plain(piece.begin(), piece.end());
  if (frame_.header.masked) {
    codec::apply_mask(plain, frame_.header.masking_key,
                      static_cast<std::size_t>(payload_read_ % 4));
  }
  keep(frame_.payload, plain);
  payload_read_ += piece.size();
  if (!is_data()) return;
  if (message_compressed_) return inflate(plain);
  if (message_opcode_ == Opcode::text) utf8_valid_ = utf8_.feed(plain) && utf8_valid_;
}

void FrameReader::inflate(Bytes piece) {
  std::array<std::byte, 16384> output;
  while (frame_.inflate_fault.empty()) {
    const codec::InflateProgress progress = inflater_->inflate(piece, output);
    add_inflated(Bytes(output).first(progress.produced));
    piece = piece.subspan(progress.consumed);
    if (progress.status == codec::InflateStatus::need_input) return;
    if (progress.status == codec::InflateStatus::failed) {
      frame_.inflate_fault = codec::to_string(inflater_->error());
    }
  }
}

void FrameReader::add_inflated(Bytes piece) {
  keep(*frame_.inflated, piece);
  frame_.inflated_size += piece.size();
  if (message_opcode_ == Opcode::text) utf8_valid_ = utf8_.feed(piece) && utf8_valid_;
}

// The last frame of a message is complete.
void FrameReader::finish_message() {
  if (!message_compressed_ || !frame_.inflate_fault.empty()) return;
  const codec::InflateError error = inflater_->end_message();
  if (error != codec::InflateError::none) frame_.inflate_fault = codec::to_string(error);
}

SeenFrame FrameReader::finish() {
  const bool ends_message = is_data() && frame_.header.fin;
  if (ends_message) finish_message();
  if (is_data() && message_opcode_ == Opcode::text) {
    const bool whole = frame_.header.fin && utf8_.complete();
    frame_.text = !utf8_valid_ || (frame_.header.fin && !whole) ? TextState::invalid
                  : whole                                       ? TextState::valid
                                                                : TextState::unfinished;
  }
  header_filled_ = 0;
  header_complete_ = false;
  payload_read_ = 0;
  return std::exchange(frame_, SeenFrame{});
}

}  // namespace duplex::tools
