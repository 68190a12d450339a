// Decompression of DEFLATE, RFC 1951, for messages as RFC 7692 section 7.2.2 sends them: without
// the last four bytes, 00 00 FF FF, and complete only if these fit exactly.
//
// Compressed bytes come in parts of any size, and the output goes into memory of any size; how both
// are cut changes neither the output nor the verdict. Whole messages are best inflated into one
// growing memory:
//
//   InflateProgress progress = inflater.inflate_behind(payload, memory, filled);
//   filled += progress.produced;
//   // need_output: give more memory, and the rest of payload
//   ...
//   if (inflater.end_message(memory.first(filled)) != InflateError::none) ...
//
// and messages that nobody keeps as a whole go through a small buffer:
//
//   InflateProgress progress = inflater.inflate(payload, buffer);
//   use(buffer.first(progress.produced));  // and again, until it needs input
//   ...
//   if (inflater.end_message() != InflateError::none) ...
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "duplex/base/bytes.h"

namespace duplex::codec {

struct InflateOptions {
  // A distance reaches at most 2^window_bits bytes back: 8 to 15, as agreed (RFC 7692 7.1.2). This
  // is also the most memory that a context takes.
  unsigned window_bits = 15;

  // Whether a message may refer to what came before it (RFC 7692 7.1.1).
  bool context_takeover = true;

  // Bytes a message may inflate to; one more is an error, before it is written.
  std::size_t max_message_size = std::size_t{16} << 20;

  // How many times larger than the compressed bytes read so far the output may be, beyond the first
  // `ratio_free_size` bytes. DEFLATE reaches 1032, so that at 1032 nothing is refused; below 1
  // is 1.
  unsigned max_ratio = 1032;
  std::size_t ratio_free_size = std::size_t{64} << 10;  // bytes of output
};

// What is wrong with the compressed bytes: one name for each rule of RFC 1951 and each limit.
enum class InflateError : std::uint8_t {
  none,
  truncated,                      // RFC 7692 7.2.2: the message ends within a block
  reserved_block_type,            // 3.2.3: BTYPE is 11
  stored_length_mismatch,         // 3.2.4: NLEN is not the complement of LEN
  too_many_literal_codes,         // 3.2.7: HLIT is above 29
  too_many_distance_codes,        // 3.2.7: HDIST is above 29
  code_lengths_oversubscribed,    // 3.2.7: the code of the code lengths
  code_lengths_incomplete,        // 3.2.7
  repeat_without_previous,        // 3.2.7: code 16 comes first
  repeat_too_long,                // 3.2.7: beyond HLIT + HDIST + 258 lengths
  no_end_of_block,                // 3.2.7: symbol 256 has no code
  literal_codes_oversubscribed,   // 3.2.7: literals and lengths
  literal_codes_incomplete,       // 3.2.7
  distance_codes_oversubscribed,  // 3.2.7
  distance_codes_incomplete,      // 3.2.7: a single code of one bit, or none, is allowed
  invalid_literal_symbol,         // 3.2.6: 286, 287, or bits that are no code
  invalid_distance_symbol,        // 3.2.6: 30, 31, or bits that are no code
  distance_too_far_back,          // 3.2.5: before the first byte of the output
  distance_beyond_window,         // RFC 7692 7.1.2: farther than 2^window_bits
  message_too_big,                // max_message_size
  ratio_too_high,                 // max_ratio
};

// The rule in words, with its section.
std::string_view to_string(InflateError error) noexcept;

enum class InflateStatus : std::uint8_t {
  need_input,   // all input is consumed: more of it, or end_message()
  need_output,  // the output is full and the next byte is known: give more memory
  failed,       // see error(); until reset() every call fails
};

struct InflateProgress {
  InflateStatus status;
  std::size_t consumed;  // bytes of the input, which need not be given again
  std::size_t produced;  // bytes of output
};

class InflateStream;
class InflateWindow;

// Owner: one connection, or a loop that lends it to one message after the other when contexts are
// not taken over. Thread: any one. Memory: 9 KiB within a message, which without context takeover
// stay until reset(), for the next message; with it, the last output between messages, at most
// 2^window_bits bytes, for which memory doubles as needed. inflate() needs that memory within a
// message too. When std::bad_alloc is thrown, nothing has changed.
class Inflater {
 public:
  explicit Inflater(const InflateOptions& options = {}) noexcept;
  ~Inflater();
  Inflater(Inflater&&) noexcept;
  Inflater& operator=(Inflater&&) noexcept;

  // Inflates into `memory` behind its first `filled` bytes, which are all of this message's output
  // so far: they may have moved, but are not changed. Bytes behind what was produced may be
  // overwritten with anything.
  InflateProgress inflate_behind(Bytes input, MutableBytes memory, std::size_t filled);

  // Inflates into `output`, which is the caller's afterwards. A message that begins so goes on so.
  InflateProgress inflate(Bytes input, MutableBytes output);

  // The payload of a message is complete. Three ends are whole: the header of a stored block, for
  // which the tail is LEN and NLEN; a final block (RFC 7692 7.2.3.4); nothing at all. `message` is
  // what inflate_behind() made, nothing after inflate(): with context takeover its end is copied.
  InflateError end_message(Bytes message = {});

  // Forgets everything: ready for a first message, without any memory.
  void reset() noexcept;

  InflateError error() const noexcept { return error_; }

  // Bytes of this message so far; after an error, the place of it.
  std::uint64_t consumed_size() const noexcept;
  std::uint64_t produced_size() const noexcept;

 private:
  InflateProgress run(Bytes input, MutableBytes memory, std::size_t filled);
  void reserve_window(std::size_t count);

  std::unique_ptr<InflateStream> stream_;  // from the first input of a message to its end
  std::unique_ptr<InflateWindow> window_;  // when there is output that is not the caller's memory
  InflateOptions options_;
  InflateError error_ = InflateError::none;
};

}  // namespace duplex::codec
