// Implements the blocks of a message and what is in them: RFC 1951 sections 3.2.3 to 3.2.6.
#include "codec/inflate_stream.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "codec/inflate_fast.h"

namespace duplex::codec {
namespace {

constexpr unsigned highest_ratio = 1032;  // 258 bytes for two bits

}  // namespace

// The arrays are written before they are read.
InflateStream::InflateStream(const InflateOptions& options) noexcept : options_(options) {
  // So that no sum of them overflows.
  constexpr std::size_t largest = std::numeric_limits<std::size_t>::max() / 4;
  options_.max_message_size = std::min(options_.max_message_size, largest);
  options_.ratio_free_size = std::min(options_.ratio_free_size, largest);
  options_.max_ratio = std::clamp(options_.max_ratio, 1U, highest_ratio);
}

void InflateStream::restart() noexcept {
  reader_ = {};
  phase_ = Phase::between_blocks;
  final_block_ = false;
  error_ = InflateError::none;
  input_size_ = output_size_ = 0;
}

InflateProgress InflateStream::run(Bytes input, MutableBytes memory, std::size_t filled,
                                   const InflateWindow& window) noexcept {
  input_ = input;
  memory_ = memory;
  filled_ = filled;
  out_ = memory.data() + filled;
  window_ = &window;
  reader_.set_input(input);
  Step last = Step::go_on;
  while (last == Step::go_on) last = step();
  const std::size_t consumed = input.size() - reader_.unread();
  const std::size_t produced = position() - filled;
  input_size_ += consumed;
  output_size_ += produced;
  const InflateStatus status = last == Step::need_input    ? InflateStatus::need_input
                               : last == Step::need_output ? InflateStatus::need_output
                                                           : InflateStatus::failed;
  return {status, consumed, produced};
}

bool InflateStream::is_complete() const noexcept {
  if (phase_ != Phase::between_blocks) return false;
  if (reader_.count() == 0) return final_block_ || input_size_ == 0;
  // The header of a stored block and its padding, without any of LEN.
  return reader_.count() >= block_header_bits && reader_.count() < block_header_bits + 8 &&
         (reader_.bits() & 6) == 0;
}

InflateStream::Step InflateStream::step() noexcept {
  switch (phase_) {
    case Phase::between_blocks:
      return start_block();
    case Phase::stored:
      return copy_stored();
    case Phase::code_length_code:
      return read_code_length_code();
    case Phase::code_lengths:
      return read_code_lengths();
    case Phase::tokens:
      break;
  }
  return read_tokens();
}

InflateStream::Step InflateStream::fail(InflateError error) noexcept {
  error_ = error;
  return Step::failed;
}

InflateStream::Step InflateStream::start_block() noexcept {
  if (!reader_.has(block_header_bits)) return Step::need_input;
  switch (static_cast<BlockType>(reader_.bits() >> 1 & 3)) {
    case BlockType::stored:
      return start_stored();
    case BlockType::fixed:
      return start_fixed();
    case BlockType::dynamic:
      return start_dynamic();
    case BlockType::reserved:
      break;
  }
  return fail(InflateError::reserved_block_type);
}

// 3.2.4: padding to a byte, LEN, NLEN.
InflateStream::Step InflateStream::start_stored() noexcept {
  const unsigned padding = (reader_.count() - block_header_bits) & 7;
  if (!reader_.has(block_header_bits + padding + 32)) return Step::need_input;
  final_block_ = reader_.take(1) != 0;
  reader_.skip(2 + padding);
  const unsigned length = reader_.take(16);
  const unsigned complement = reader_.take(16);
  if (length != (complement ^ 0xffff)) return fail(InflateError::stored_length_mismatch);
  if (length > options_.max_message_size - size()) return fail(InflateError::message_too_big);
  stored_left_ = length;
  phase_ = Phase::stored;
  return Step::go_on;
}

InflateStream::Step InflateStream::start_fixed() noexcept {
  final_block_ = reader_.take(block_header_bits) % 2 != 0;
  literal_table_ = fixed_literal_table();
  distance_table_ = fixed_distance_table();
  phase_ = Phase::tokens;
  return Step::go_on;
}

// RFC 7692 7.2.3.4: a final block is padded to a byte, and other blocks may follow.
InflateStream::Step InflateStream::end_block() noexcept {
  if (final_block_) reader_.skip_to_byte();
  phase_ = Phase::between_blocks;
  return Step::go_on;
}

// Never more output than input: no ratio to be watched.
InflateStream::Step InflateStream::copy_stored() noexcept {
  for (; stored_left_ > 0 && reader_.count() > 0 && room() > 0; --stored_left_) {
    *out_++ = static_cast<std::byte>(reader_.take(8));
  }
  const std::size_t count = std::min({stored_left_, reader_.unread(), room()});
  if (reader_.count() == 0 && count > 0) {
    std::memcpy(out_, reader_.next(), count);
    out_ += count;
    reader_.advance(count);
    stored_left_ -= count;
  }
  if (stored_left_ == 0) return end_block();
  const bool has_input = reader_.count() > 0 || reader_.unread() > 0;
  return has_input ? Step::need_output : Step::need_input;
}

// Tokens, as far as input and output reach.
InflateStream::Step InflateStream::read_tokens() noexcept {
  Step last = Step::go_on;
  while (last == Step::go_on && phase_ == Phase::tokens) {
    raise_budget();
    read_fast();
    last = error_ == InflateError::none ? read_token() : Step::failed;
  }
  return last;
}

// One token, with the care that the ends of input and output need.
InflateStream::Step InflateStream::read_token() noexcept {
  if (!copy_match()) return Step::need_output;
  reader_.fill();
  const DecodeTable::Found found = literal_table_.find(reader_.bits());
  const unsigned bit_count = found.link_bits + total_bits(found.entry);
  if (bit_count > reader_.count()) return Step::need_input;
  if (is_end_of_block(found.entry)) {
    reader_.skip(bit_count);
    return end_block();
  }
  if (is_rare(found.entry)) return fail(InflateError::invalid_literal_symbol);
  if (!is_literal(found.entry)) return read_match(found);
  if (room() == 0) return Step::need_output;
  reader_.skip(bit_count);
  if (const InflateError error = check_budget(1); error != InflateError::none) return fail(error);
  *out_++ = static_cast<std::byte>(value_of(found.entry));
  return Step::go_on;
}

InflateStream::Step InflateStream::read_match(DecodeTable::Found length) noexcept {
  const unsigned length_bits = length.link_bits + total_bits(length.entry);
  const std::uint64_t bits = reader_.bits() >> length_bits;
  const DecodeTable::Found distance = distance_table_.find(bits);
  const unsigned distance_bits = distance.link_bits + total_bits(distance.entry);
  if (length_bits + distance_bits > reader_.count()) return Step::need_input;
  if (is_rare(distance.entry)) return fail(InflateError::invalid_distance_symbol);
  match_length_ = value_with_extra_bits(length.entry, reader_.bits() >> length.link_bits);
  match_distance_ = value_with_extra_bits(distance.entry, bits >> distance.link_bits);
  reader_.skip(length_bits + distance_bits);
  const std::size_t window_size = std::size_t{1} << options_.window_bits;
  InflateError error = judge_distance(match_distance_, position(), window_size, *window_);
  if (error == InflateError::none) error = check_budget(match_length_);
  if (error != InflateError::none) return fail(error);
  copy_match();  // at once, or matches in a row would never come to the fast loop
  return Step::go_on;
}

// False while the output is full.
bool InflateStream::copy_match() noexcept {
  while (match_length_ > 0) {
    if (room() == 0) return false;
    auto count = static_cast<unsigned>(std::min<std::size_t>(match_length_, room()));
    if (match_distance_ > position()) {
      const Bytes part = window_->at(match_distance_ - position());
      count = static_cast<unsigned>(std::min<std::size_t>(count, part.size()));
      std::memcpy(out_, part.data(), count);
      out_ += count;
    } else if (match_distance_ >= count) {
      std::memcpy(out_, out_ - match_distance_, count);
      out_ += count;
    } else {
      // They overlap: bytes just written are read again.
      for (unsigned i = 0; i < count; ++i, ++out_) *out_ = *(out_ - match_distance_);
    }
    match_length_ -= count;
  }
  return true;
}

void InflateStream::read_fast() noexcept {
  const std::size_t allowed = std::min<std::uint64_t>(room(), budget_ - size());
  if (match_length_ > 0 || reader_.unread() < FastInflate::input_margin ||
      allowed < FastInflate::output_margin) {
    return;
  }
  FastInflate fast{.in = reader_.next(),
                   .in_end = reader_.end(),
                   .out = out_,
                   .out_end = out_ + allowed,
                   .out_begin = memory_.data(),
                   .bits = reader_.bits(),
                   .bit_count = reader_.count(),
                   .literals = literal_table_,
                   .distances = distance_table_,
                   .window = window_,
                   .window_size = std::size_t{1} << options_.window_bits};
  inflate_fast(fast);
  reader_.replace(fast.in, fast.bits, fast.bit_count);
  out_ = fast.out;
  match_length_ = fast.match_length;
  match_distance_ = fast.match_distance;
  error_ = fast.error;
}

// Bytes of the message whose first bit has been used.
std::uint64_t InflateStream::bytes_used() const noexcept {
  return input_size_ + (input_.size() - reader_.unread()) - reader_.count() / 8;
}

void InflateStream::raise_budget() noexcept {
  const std::uint64_t by_ratio = options_.ratio_free_size + options_.max_ratio * bytes_used();
  budget_ = std::min<std::uint64_t>(by_ratio, options_.max_message_size);
}

// Whether `count` more bytes of output are within the limits, now that their bits have been used.
InflateError InflateStream::check_budget(std::size_t count) noexcept {
  if (size() + count > budget_) raise_budget();
  if (size() + count <= budget_) return InflateError::none;
  return size() + count > options_.max_message_size ? InflateError::message_too_big
                                                    : InflateError::ratio_too_high;
}

}  // namespace duplex::codec
