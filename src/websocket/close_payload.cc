// Reads, judges and writes the payload of a Close frame: RFC 6455 sections 5.5.1 and 7.4.
#include "websocket/close_payload.h"

#include <algorithm>

#include "duplex/codec/utf8.h"
#include "websocket/frame_decoder.h"
#include "websocket/frame_encoder.h"

namespace duplex::websocket {
namespace {

constexpr std::size_t code_size = 2;  // bytes

}  // namespace

Violation judge_close(Bytes payload) noexcept {
  if (payload.empty()) return Violation::none;
  if (payload.size() < code_size) return Violation::close_payload_too_short;
  if (!is_sendable(close_code_of(payload))) return Violation::close_code_invalid;
  return codec::is_valid_utf8(payload.subspan(code_size)) ? Violation::none
                                                          : Violation::close_reason_invalid_utf8;
}

CloseCode close_code_of(Bytes payload) noexcept {
  if (payload.empty()) return CloseCode::no_status_received;
  return static_cast<CloseCode>(read_big_endian<std::uint16_t>(payload.data()));
}

ClosePayload::ClosePayload(CloseCode code, std::string_view reason) noexcept {
  if (!is_sendable(code) || reason.size() > max_control_payload - code_size ||
      !codec::is_valid_utf8(as_bytes(reason))) {
    code = CloseCode::internal_error;
    reason = {};
  }
  write_big_endian(static_cast<std::uint16_t>(code), bytes_.data());
  std::ranges::copy(as_bytes(reason), bytes_.begin() + code_size);
  size_ = code_size + reason.size();
}

}  // namespace duplex::websocket
