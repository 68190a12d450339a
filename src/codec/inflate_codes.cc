// Implements how a dynamic block sends its codes: RFC 1951 section 3.2.7.
#include <algorithm>

#include "codec/inflate_stream.h"

namespace duplex::codec {

InflateStream::Step InflateStream::start_dynamic() noexcept {
  constexpr unsigned header_bits = block_header_bits + 5 + 5 + 4;
  if (!reader_.has(header_bits)) return Step::need_input;
  final_block_ = reader_.take(block_header_bits) % 2 != 0;
  literal_count_ = reader_.take(5) + 257;
  distance_count_ = reader_.take(5) + 1;
  code_length_count_ = reader_.take(4) + 4;
  if (literal_count_ > max_literal_symbols) return fail(InflateError::too_many_literal_codes);
  if (distance_count_ > max_distance_symbols) return fail(InflateError::too_many_distance_codes);
  code_length_lengths_.fill(0);
  index_ = 0;
  phase_ = Phase::code_length_code;
  return Step::go_on;
}

InflateStream::Step InflateStream::read_code_length_code() noexcept {
  for (; index_ < code_length_count_; ++index_) {
    if (!reader_.has(3)) return Step::need_input;
    code_length_lengths_[code_length_order[index_]] = static_cast<std::uint8_t>(reader_.take(3));
  }
  switch (build_decode_table(Alphabet::code_length, code_length_lengths_, code_length_memory_,
                             code_length_table_)) {
    case CodeFault::oversubscribed:
      return fail(InflateError::code_lengths_oversubscribed);
    case CodeFault::incomplete:
      return fail(InflateError::code_lengths_incomplete);
    case CodeFault::none:
      break;
  }
  index_ = 0;
  phase_ = Phase::code_lengths;
  return Step::go_on;
}

// The lengths of both codes are one sequence.
InflateStream::Step InflateStream::read_code_lengths() noexcept {
  while (index_ < literal_count_ + distance_count_) {
    const bool enough = reader_.has(max_code_length_length);
    const DecodeEntry entry = code_length_table_.find(reader_.bits()).entry;
    if (!enough && total_bits(entry) > reader_.count()) return Step::need_input;
    if (const unsigned symbol = value_of(entry); symbol >= repeat_previous) {
      if (const Step step = read_repeat(symbol); step != Step::go_on) return step;
    } else {
      reader_.skip(total_bits(entry));
      lengths_[index_++] = static_cast<std::uint8_t>(symbol);
    }
  }
  return build_tables();
}

InflateStream::Step InflateStream::read_repeat(unsigned symbol) noexcept {
  const unsigned extra_bits = symbol == repeat_previous ? 2 : symbol == repeat_zero ? 3 : 7;
  const unsigned least = symbol == repeat_zero_long ? 11 : 3;
  const unsigned symbol_bits = code_length_lengths_[symbol];
  if (!reader_.has(symbol_bits + extra_bits)) return Step::need_input;
  reader_.skip(symbol_bits);
  const unsigned count = least + reader_.take(extra_bits);
  if (symbol == repeat_previous && index_ == 0) return fail(InflateError::repeat_without_previous);
  if (count > literal_count_ + distance_count_ - index_) return fail(InflateError::repeat_too_long);
  const std::uint8_t length = symbol == repeat_previous ? lengths_[index_ - 1] : std::uint8_t{0};
  std::fill_n(lengths_.begin() + index_, count, length);
  index_ += count;
  return Step::go_on;
}

InflateStream::Step InflateStream::build_tables() noexcept {
  if (lengths_[end_of_block] == 0) return fail(InflateError::no_end_of_block);
  const std::span<const std::uint8_t> lengths(lengths_);
  const CodeFault literals = build_decode_table(Alphabet::literal, lengths.first(literal_count_),
                                                literal_memory_, literal_table_);
  if (literals != CodeFault::none) {
    return fail(literals == CodeFault::incomplete ? InflateError::literal_codes_incomplete
                                                  : InflateError::literal_codes_oversubscribed);
  }
  const CodeFault distances =
      build_decode_table(Alphabet::distance, lengths.subspan(literal_count_, distance_count_),
                         distance_memory_, distance_table_);
  if (distances != CodeFault::none) {
    return fail(distances == CodeFault::incomplete ? InflateError::distance_codes_incomplete
                                                   : InflateError::distance_codes_oversubscribed);
  }
  phase_ = Phase::tokens;
  return Step::go_on;
}

}  // namespace duplex::codec
