// Implements the three kinds of blocks: RFC 1951 sections 3.2.4, 3.2.6 and 3.2.7.
#include "codec/block_writer.h"

#include <algorithm>

#include "codec/block_header.h"

namespace duplex::codec {
namespace {

struct FixedCodes {
  std::array<Codeword, literal_symbols> literals;
  std::array<Codeword, distance_symbols> distances;
};

template <class Lengths, class Code>
void make_fixed_code(const Lengths& lengths, Code& code) noexcept {
  std::ranges::transform(lengths, code.begin(), [](std::uint8_t length) {
    return Codeword{0, length};
  });
  assign_bits(code);
}

const FixedCodes& fixed_codes() noexcept {
  static const FixedCodes codes = [] {
    FixedCodes made;
    make_fixed_code(fixed_literal_lengths(), made.literals);
    make_fixed_code(fixed_distance_lengths(), made.distances);
    return made;
  }();
  return codes;
}

// Bits of all tokens by the codes.
std::uint64_t token_bits(const TokenBlock& tokens, std::span<const Codeword> literals,
                         std::span<const Codeword> distances) noexcept {
  std::uint64_t bits = 0;
  const auto& literal_frequencies = tokens.literal_frequencies();
  for (std::size_t symbol = 0; symbol < literal_frequencies.size(); ++symbol) {
    bits += literal_frequencies[symbol] * literals[symbol].length;
  }
  const auto& distance_frequencies = tokens.distance_frequencies();
  for (std::size_t symbol = 0; symbol < distance_frequencies.size(); ++symbol) {
    bits += distance_frequencies[symbol] * distances[symbol].length;
  }
  return bits;
}

// Bits that are the same whatever the codes.
std::uint64_t extra_bits(const TokenBlock& tokens) noexcept {
  std::uint64_t bits = 0;
  for (std::size_t row = 0; row < length_ranges.size(); ++row) {
    bits += std::uint64_t{tokens.literal_frequencies()[first_length_symbol + row]} *
            length_ranges[row].extra_bits;
  }
  for (std::size_t row = 0; row < distance_ranges.size(); ++row) {
    bits += std::uint64_t{tokens.distance_frequencies()[row]} * distance_ranges[row].extra_bits;
  }
  return bits;
}

}  // namespace

bool BlockWriter::start(const TokenBlock& tokens, std::uint64_t stored_bits) noexcept {
  const std::uint64_t same_bits = block_header_bits + extra_bits(tokens);
  const FixedCodes& fixed = fixed_codes();
  const std::uint64_t fixed_bits = same_bits + token_bits(tokens, fixed.literals, fixed.distances);
  const std::uint64_t dynamic_bits = same_bits + make_header(tokens);
  if (std::min(fixed_bits, dynamic_bits) >= stored_bits) return false;
  if (fixed_bits <= dynamic_bits) {
    literal_code_ = fixed.literals;
    distance_code_ = fixed.distances;
    field_count_ = 0;
    add_field(static_cast<unsigned>(BlockType::fixed) << 1, block_header_bits);
  }
  tokens_ = &tokens;
  next_field_ = next_token_ = 0;
  return true;
}

// Makes the codes of a dynamic block; returns the bits of all but BFINAL, BTYPE and extra bits.
std::uint64_t BlockWriter::make_header(const TokenBlock& tokens) noexcept {
  const std::span<Codeword> literals(literal_code_.data(), max_literal_symbols);
  const std::span<Codeword> distances(distance_code_.data(), max_distance_symbols);
  make_code(tokens.literal_frequencies(), max_code_length, literals);
  make_code(tokens.distance_frequencies(), max_code_length, distances);
  CodeLengths lengths;
  describe_codes(literals, distances, lengths);
  field_count_ = 0;
  add_field(static_cast<unsigned>(BlockType::dynamic) << 1, block_header_bits);
  add_field((lengths.literal_count - 257) | (lengths.distance_count - 1) << 5 |
                (lengths.code_length_count - 4) << 10,
            5 + 5 + 4);
  for (unsigned i = 0; i < lengths.code_length_count; ++i) {
    add_field(lengths.code[code_length_order[i]].length, 3);
  }
  for (std::size_t i = 0; i < lengths.item_count; ++i) {
    const auto [symbol, extra] = lengths.items[i];
    const Codeword word = lengths.code[symbol];
    add_field(word.bits | static_cast<unsigned>(extra) << word.length,
              word.length + extra_bits_of_repeat(symbol));
  }
  return lengths.bit_count + token_bits(tokens, literals, distances);
}

bool BlockWriter::write(BitWriter& writer) noexcept {
  return write_header(writer) && write_tokens(writer);
}

bool BlockWriter::write_header(BitWriter& writer) noexcept {
  for (; next_field_ < field_count_; ++next_field_) {
    if (!writer.make_room()) return false;
    writer.put(fields_[next_field_].bits, fields_[next_field_].length);
  }
  return true;
}

bool BlockWriter::write_tokens(BitWriter& output) noexcept {
  // What is local stays in registers.
  BitWriter writer = output;
  const Token* const tokens = tokens_->data();
  const std::size_t count = tokens_->size();
  std::size_t next = next_token_;
  for (; next < count; ++next) {
    if (!writer.make_room()) break;
    const auto [length, distance] = tokens[next];
    if (distance == 0) {
      writer.put(literal_code_[length].bits, literal_code_[length].length);
      continue;
    }
    const unsigned length_row = length_rows[length];
    const Codeword length_word = literal_code_[first_length_symbol + length_row];
    writer.put(length_word.bits, length_word.length);
    writer.put(length - unsigned{length_ranges[length_row].base},
               length_ranges[length_row].extra_bits);
    const unsigned row = distance_row(distance);
    writer.put(distance_code_[row].bits, distance_code_[row].length);
    writer.put(distance - unsigned{distance_ranges[row].base}, distance_ranges[row].extra_bits);
  }
  next_token_ = next;
  const bool done = next == count && writer.make_room();
  if (done) writer.put(literal_code_[end_of_block].bits, literal_code_[end_of_block].length);
  output = writer;
  return done;
}

bool StoredWriter::write(BitWriter& writer) noexcept {
  if (!header_written_) {
    if (!writer.make_room()) return false;
    writer.put(static_cast<unsigned>(BlockType::stored) << 1, block_header_bits);
    writer.pad();
    const auto length = static_cast<std::uint32_t>(content_.size());
    writer.put(length | (~length << 16), 32);
    header_written_ = true;
  }
  if (!writer.write_bytes()) return false;
  content_ = content_.subspan(writer.copy(content_));
  return content_.empty();
}

}  // namespace duplex::codec
