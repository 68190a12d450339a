// The state of a message that is being inflated: RFC 1951 section 3.2.3.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "codec/bit_reader.h"
#include "codec/decode_table.h"
#include "codec/inflate_window.h"
#include "duplex/codec/inflate.h"

namespace duplex::codec {

// Every step needs all the bits of one item (a header, a length, a literal, a match) and uses none
// of them before they are there, so that the only places to stop are between items, in a stored
// block and in the copy of a match. Owner: an Inflater.
class InflateStream {
 public:
  explicit InflateStream(const InflateOptions& options) noexcept;

  // Ready for another message.
  void restart() noexcept;

  // Inflates behind the first `filled` bytes of `memory`, with `window` before them.
  InflateProgress run(Bytes input, MutableBytes memory, std::size_t filled,
                      const InflateWindow& window) noexcept;

  // Whether the message may end here: the three ends that Inflater::end_message() knows.
  bool is_complete() const noexcept;

  InflateError error() const noexcept { return error_; }
  std::uint64_t consumed_size() const noexcept { return input_size_; }
  std::uint64_t produced_size() const noexcept { return output_size_; }

 private:
  enum class Phase : std::uint8_t {
    between_blocks,
    stored,
    code_length_code,
    code_lengths,
    tokens
  };
  enum class Step : std::uint8_t { go_on, need_input, need_output, failed };

  Step step() noexcept;
  Step fail(InflateError error) noexcept;

  Step start_block() noexcept;
  Step start_stored() noexcept;
  Step start_fixed() noexcept;
  Step start_dynamic() noexcept;
  Step end_block() noexcept;
  Step copy_stored() noexcept;

  Step read_code_length_code() noexcept;
  Step read_code_lengths() noexcept;
  Step read_repeat(unsigned symbol) noexcept;
  Step build_tables() noexcept;

  Step read_tokens() noexcept;
  Step read_token() noexcept;
  Step read_match(DecodeTable::Found length) noexcept;
  void read_fast() noexcept;
  bool copy_match() noexcept;

  std::size_t position() const noexcept { return static_cast<std::size_t>(out_ - memory_.data()); }
  std::size_t room() const noexcept { return memory_.size() - position(); }
  std::uint64_t size() const noexcept { return output_size_ + (position() - filled_); }
  std::uint64_t bytes_used() const noexcept;
  void raise_budget() noexcept;
  InflateError check_budget(std::size_t count) noexcept;

  InflateOptions options_;
  BitReader reader_;
  Phase phase_ = Phase::between_blocks;
  bool final_block_ = false;  // BFINAL of the current or last block
  InflateError error_ = InflateError::none;
  std::uint64_t input_size_ = 0;   // of the message, up to this call of run()
  std::uint64_t output_size_ = 0;  // likewise
  std::uint64_t budget_ = 0;       // output that the limits are known to allow

  // During a call of run().
  Bytes input_;
  MutableBytes memory_;
  std::size_t filled_ = 0;
  std::byte* out_ = nullptr;
  const InflateWindow* window_ = nullptr;

  std::size_t stored_left_ = 0;
  unsigned match_length_ = 0;  // what is left to be copied
  unsigned match_distance_ = 0;
  unsigned literal_count_ = 0;      // HLIT + 257
  unsigned distance_count_ = 0;     // HDIST + 1
  unsigned code_length_count_ = 0;  // HCLEN + 4
  unsigned index_ = 0;              // of the next code length
  DecodeTable code_length_table_;
  DecodeTable literal_table_;
  DecodeTable distance_table_;
  std::array<std::uint8_t, code_length_symbols> code_length_lengths_;
  std::array<std::uint8_t, max_literal_symbols + max_distance_symbols> lengths_;
  std::array<DecodeEntry, code_length_table_size> code_length_memory_;
  std::array<DecodeEntry, literal_table_size> literal_memory_;
  std::array<DecodeEntry, distance_table_size> distance_memory_;
};

}  // namespace duplex::codec
