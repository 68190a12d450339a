// Implements what lives from message to message: RFC 7692 section 7.2.2.
#include "duplex/codec/inflate.h"

#include <array>
#include <cassert>

#include "codec/inflate_stream.h"
#include "codec/inflate_window.h"

namespace duplex::codec {
namespace {

struct Words {
  InflateError error;
  std::string_view text;
};

constexpr std::array all_words{
    Words{InflateError::none, "no error"},
    Words{InflateError::truncated, "the message ends within a block (RFC 7692 7.2.2)"},
    Words{InflateError::reserved_block_type, "block type 11 is reserved (RFC 1951 3.2.3)"},
    Words{InflateError::stored_length_mismatch,
          "NLEN is not the complement of LEN (RFC 1951 3.2.4)"},
    Words{InflateError::too_many_literal_codes, "HLIT is above 29 (RFC 1951 3.2.7)"},
    Words{InflateError::too_many_distance_codes, "HDIST is above 29 (RFC 1951 3.2.7)"},
    Words{InflateError::code_lengths_oversubscribed,
          "the code of the code lengths has too many codes (RFC 1951 3.2.7)"},
    Words{InflateError::code_lengths_incomplete,
          "the code of the code lengths is incomplete (RFC 1951 3.2.7)"},
    Words{InflateError::repeat_without_previous,
          "code length 16 repeats, but nothing is before it (RFC 1951 3.2.7)"},
    Words{InflateError::repeat_too_long, "a repeat goes beyond the last length (RFC 1951 3.2.7)"},
    Words{InflateError::no_end_of_block, "end-of-block has no code (RFC 1951 3.2.7)"},
    Words{InflateError::literal_codes_oversubscribed,
          "literals and lengths have too many codes (RFC 1951 3.2.7)"},
    Words{InflateError::literal_codes_incomplete,
          "the code of literals and lengths is incomplete (RFC 1951 3.2.7)"},
    Words{InflateError::distance_codes_oversubscribed,
          "distances have too many codes (RFC 1951 3.2.7)"},
    Words{InflateError::distance_codes_incomplete,
          "the code of distances is incomplete (RFC 1951 3.2.7)"},
    Words{InflateError::invalid_literal_symbol, "no literal and no length (RFC 1951 3.2.6)"},
    Words{InflateError::invalid_distance_symbol, "no distance (RFC 1951 3.2.6)"},
    Words{InflateError::distance_too_far_back,
          "a distance reaches before the first byte (RFC 1951 3.2.5)"},
    Words{InflateError::distance_beyond_window,
          "a distance is larger than the agreed window (RFC 7692 7.1.2)"},
    Words{InflateError::message_too_big, "the message inflates beyond the limit"},
    Words{InflateError::ratio_too_high, "the message inflates beyond the ratio allowed"},
};

constexpr bool words_are_in_order() noexcept {
  for (std::size_t i = 0; i < all_words.size(); ++i) {
    if (static_cast<std::size_t>(all_words[i].error) != i) return false;
  }
  return true;
}
static_assert(words_are_in_order());

}  // namespace

std::string_view to_string(InflateError error) noexcept {
  return all_words[static_cast<std::size_t>(error)].text;
}

Inflater::Inflater(const InflateOptions& options) noexcept : options_(options) {}
Inflater::~Inflater() = default;
Inflater::Inflater(Inflater&&) noexcept = default;
Inflater& Inflater::operator=(Inflater&&) noexcept = default;

InflateProgress Inflater::inflate_behind(Bytes input, MutableBytes memory, std::size_t filled) {
  assert(filled == produced_size() && filled <= memory.size());
  return run(input, memory, filled);
}

InflateProgress Inflater::inflate(Bytes input, MutableBytes output) {
  reserve_window(output.size());
  const InflateProgress progress = run(input, output, 0);
  window_->append(output.first(progress.produced));
  return progress;
}

InflateProgress Inflater::run(Bytes input, MutableBytes memory, std::size_t filled) {
  static const InflateWindow no_window;
  if (error_ != InflateError::none) return {InflateStatus::failed, 0, 0};
  if (!stream_) stream_ = std::make_unique<InflateStream>(options_);
  const InflateProgress progress =
      stream_->run(input, memory, filled, window_ ? *window_ : no_window);
  error_ = stream_->error();
  return progress;
}

void Inflater::reserve_window(std::size_t count) {
  if (!window_) window_ = std::make_unique<InflateWindow>();
  window_->reserve(count, std::size_t{1} << options_.window_bits);
}

InflateError Inflater::end_message(Bytes message) {
  if (error_ != InflateError::none || !stream_) return error_;
  if (!stream_->is_complete()) return error_ = InflateError::truncated;
  if (options_.context_takeover) {
    reserve_window(message.size());
    window_->append(message);
    stream_.reset();
  } else {
    window_.reset();
    stream_->restart();
  }
  return InflateError::none;
}

void Inflater::reset() noexcept {
  stream_.reset();
  window_.reset();
  error_ = InflateError::none;
}

std::uint64_t Inflater::consumed_size() const noexcept {
  return stream_ ? stream_->consumed_size() : 0;
}

std::uint64_t Inflater::produced_size() const noexcept {
  return stream_ ? stream_->produced_size() : 0;
}

}  // namespace duplex::codec
