// permessage-deflate: RFC 7692 section 7.2.
#include "duplex/websocket/permessage_deflate.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/byte_buffer.h"
#include "duplex/codec/deflate.h"
#include "duplex/codec/inflate.h"
#include "duplex/codec/utf8.h"
#include "websocket/shared_frame.h"

namespace duplex::websocket {
namespace {

bool is_to_be_compressed(Bytes message, const DeflateOptions& options) noexcept {
  return message.size() >= options.threshold && message.size() <= options.max_size;
}

constexpr std::size_t smallest_guess = 256;  // bytes of memory that a decoded message begins with
constexpr std::size_t usual_ratio = 4;       // decoded bytes for each compressed one
// Bytes of memory that a workshop keeps for the next compressed message.
constexpr std::size_t kept_output = std::size_t{256} << 10;

Violation violation_for(codec::InflateError error) noexcept {
  using codec::InflateError;
  if (error == InflateError::none) return Violation::none;
  const bool too_big =
      error == InflateError::message_too_big || error == InflateError::ratio_too_high;
  return too_big ? Violation::message_too_big : Violation::extension_data_invalid;
}

bool receives_without_context(Role role, const DeflateParameters& agreed) noexcept {
  return role == Role::server ? agreed.client_no_context_takeover
                              : agreed.server_no_context_takeover;
}

int receiving_window_bits(Role role, const DeflateParameters& agreed) noexcept {
  return role == Role::server ? agreed.client_max_window_bits : agreed.server_max_window_bits;
}

codec::InflateOptions inflate_options(Role role, const DeflateParameters& agreed,
                                      const DeflateOptions& options) noexcept {
  codec::InflateOptions result;
  result.window_bits = static_cast<unsigned>(receiving_window_bits(role, agreed));
  result.context_takeover = !receives_without_context(role, agreed);
  result.max_message_size = static_cast<std::size_t>(-1);  // decode() is told the limit
  if (options.max_ratio != 0) result.max_ratio = options.max_ratio;
  return result;
}

// The payload for `message` (section 7.2.1): a sync flush without its tail.
void deflate_message(codec::Deflater& deflater, Bytes message, ByteBuffer& payload) {
  payload.resize_down(0);
  payload.reserve(smallest_guess + message.size() / usual_ratio);
  for (;;) {
    const codec::DeflateProgress progress = deflater.deflate(
        message, {payload.data() + payload.size(), payload.capacity() - payload.size()},
        codec::Flush::sync);
    payload.grow(progress.produced);
    if (progress.status == codec::DeflateStatus::flushed) break;
    message = message.subspan(progress.consumed);
    payload.reserve(2 * payload.capacity());
  }
  payload.resize_down(payload.size() - codec::flush_tail_size);
}

codec::DeflateOptions deflate_options(int level, int window_bits) noexcept {
  return {.level = static_cast<unsigned>(level), .window_bits = static_cast<unsigned>(window_bits)};
}

class PermessageDeflate final : public Extension {
 public:
  PermessageDeflate(Role role, const DeflateParameters& agreed, const DeflateOptions& options,
                    DeflateWorkshop& workshop) noexcept
      : options_(options),
        workshop_(workshop),
        inflater_(inflate_options(role, agreed, options)),
        peer_context_(!receives_without_context(role, agreed)),
        window_bits_(sending_window_bits(role, agreed)) {
    if (sends_without_context(role, agreed)) return;
    deflater_.emplace(deflate_options(options.level, window_bits_));
  }

  Violation decode(Bytes piece, bool last, std::size_t max_size, MutableBytes& message) override {
    if (std::exchange(ended_, last)) begin_message(piece.size(), max_size);
    for (;;) {
      const codec::InflateProgress progress =
          inflater_.inflate_behind(piece, {message_.data(), message_.capacity()}, message_.size());
      message_.grow(progress.produced);
      decoded_size_ += progress.produced;
      if (progress.status == codec::InflateStatus::failed) return violation_for(inflater_.error());
      if (progress.status == codec::InflateStatus::need_input) break;
      if (message_.capacity() >= max_size) return Violation::message_too_big;
      piece = piece.subspan(progress.consumed);
      message_.reserve(std::min(max_size, 2 * message_.capacity()));
    }
    message = message_.view();
    return last ? violation_for(inflater_.end_message(message)) : Violation::none;
  }

  bool encode(Bytes message, Bytes& payload) override {
    if (!is_to_be_compressed(message, options_)) return false;
    payload = deflater_ ? workshop_.compress(message, *deflater_)
                        : workshop_.compress(message, options_.level, window_bits_);
    return !payload.empty();
  }

  void release() noexcept override {
    message_.release();
    if (!peer_context_) inflater_.reset();
  }

  std::uint64_t decoded_size() const noexcept override { return decoded_size_; }

 private:
  void begin_message(std::size_t piece_size, std::size_t max_size) {
    message_.resize_down(0);
    message_.reserve(std::min(max_size, std::max(smallest_guess, piece_size * usual_ratio)));
  }

  const DeflateOptions& options_;
  DeflateWorkshop& workshop_;
  codec::Inflater inflater_;
  std::optional<codec::Deflater> deflater_;  // with our context takeover
  ByteBuffer message_;                       // what was decoded last
  std::uint64_t decoded_size_ = 0;           // of all messages
  bool peer_context_;
  int window_bits_;
  bool ended_ = true;  // the next piece begins a message
};

}  // namespace

// --- The workshop --------------------------------------------------------------------------------

struct DeflateWorkshop::Bench {
  int level;
  int window_bits;
  codec::Deflater deflater;
};

struct DeflateWorkshop::Output {
  ByteBuffer payload;
};

DeflateWorkshop::DeflateWorkshop() : output_(std::make_unique<Output>()) {}
DeflateWorkshop::~DeflateWorkshop() = default;

Bytes DeflateWorkshop::compress(Bytes message, int level, int window_bits) {
  codec::Deflater& deflater = bench_for(level, window_bits).deflater;
  deflater.reset();
  const Bytes payload = compress(message, deflater);
  return payload.size() < message.size() ? payload : Bytes();
}

Bytes DeflateWorkshop::compress(Bytes message, codec::Deflater& deflater) {
  ByteBuffer& payload = output_->payload;
  if (payload.capacity() > kept_output) payload.release();
  deflate_message(deflater, message, payload);
  return payload.view();
}

DeflateWorkshop::Bench& DeflateWorkshop::bench_for(int level, int window_bits) {
  for (const auto& bench : benches_) {
    if (bench->level == level && bench->window_bits == window_bits) return *bench;
  }
  benches_.push_back(std::make_unique<Bench>(
      Bench{level, window_bits, codec::Deflater(deflate_options(level, window_bits))}));
  return *benches_.back();
}

// --- The extension -------------------------------------------------------------------------------

std::unique_ptr<Extension> make_permessage_deflate(Role role, const DeflateParameters& agreed,
                                                   const DeflateOptions& options,
                                                   DeflateWorkshop& workshop) {
  return std::make_unique<PermessageDeflate>(role, agreed, options, workshop);
}

bool sends_without_context(Role role, const DeflateParameters& agreed) noexcept {
  return role == Role::server ? agreed.server_no_context_takeover
                              : agreed.client_no_context_takeover;
}

int sending_window_bits(Role role, const DeflateParameters& agreed) noexcept {
  return role == Role::server ? agreed.server_max_window_bits : agreed.client_max_window_bits;
}

SharedBytes encode_deflated_broadcast(Opcode opcode, Bytes payload, const DeflateOptions& options,
                                      int window_bits, DeflateWorkshop& workshop) {
  if (!is_to_be_compressed(payload, options)) return nullptr;
  if (opcode == Opcode::text && !codec::is_valid_utf8(payload)) return nullptr;
  const Bytes compressed = workshop.compress(payload, options.level, window_bits);
  return compressed.empty() ? nullptr : shared_frame({.opcode = opcode, .rsv1 = true}, compressed);
}

}  // namespace duplex::websocket
