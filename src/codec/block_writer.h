// Writes blocks: RFC 1951 section 3.2.3.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "codec/bit_writer.h"
#include "codec/deflate_format.h"
#include "codec/huffman_code.h"
#include "codec/token_block.h"
#include "duplex/base/bytes.h"

namespace duplex::codec {

// Between start...() and the call that returns true, what it works on must stay as it is.

// A block as it is, 3.2.4. Owner: a Deflater.
class StoredWriter {
 public:
  // At most 65535 bytes.
  void start(Bytes content) noexcept {
    content_ = content;
    header_written_ = false;
  }

  // False when the output is full: to be called again with more. Ends with a whole byte.
  bool write(BitWriter& writer) noexcept;

 private:
  Bytes content_;
  bool header_written_ = false;
};

// A block of tokens, by the fixed codes or by codes of its own, 3.2.6 and 3.2.7. Owner: a Deflater.
class BlockWriter {
 public:
  // Whether the block takes fewer than `stored_bits`; if so, it is what write() will write.
  bool start(const TokenBlock& tokens, std::uint64_t stored_bits) noexcept;

  // False when the output is full: to be called again with more.
  bool write(BitWriter& writer) noexcept;

 private:
  // A number in the header of a block.
  struct Field {
    std::uint16_t bits;
    std::uint16_t length;
  };

  void add_field(unsigned bits, unsigned length) noexcept {
    fields_[field_count_++] = {static_cast<std::uint16_t>(bits),
                               static_cast<std::uint16_t>(length)};
  }

  std::uint64_t make_header(const TokenBlock& tokens) noexcept;
  bool write_header(BitWriter& writer) noexcept;
  bool write_tokens(BitWriter& writer) noexcept;

  const TokenBlock* tokens_ = nullptr;
  std::size_t next_field_ = 0;
  std::size_t next_token_ = 0;
  std::size_t field_count_ = 0;
  std::array<Field, 2 + code_length_symbols + max_literal_symbols + max_distance_symbols> fields_;
  std::array<Codeword, literal_symbols> literal_code_;
  std::array<Codeword, distance_symbols> distance_code_;
};

}  // namespace duplex::codec
