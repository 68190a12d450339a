// The state of compression: what has been read, what matches are found, what is being written.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/byte_buffer.h"
#include "codec/bit_writer.h"
#include "codec/block_writer.h"
#include "codec/match_finder.h"
#include "codec/token_block.h"
#include "codec/token_collector.h"
#include "duplex/codec/deflate.h"

namespace duplex::codec {

// How large everything is.
struct DeflateSizes {
  explicit DeflateSizes(unsigned window_bits) noexcept;

  unsigned hash_bits;
  unsigned short_hash_bits;
  std::size_t max_block_size;  // bytes of input
  std::size_t token_count;
  std::size_t buffer_size;
};

// The input is copied to a buffer, where the window, the block that is collected and what follows
// lie one behind the other:
//
//   0 ... stored_start_ ... block_start_ ... cursor ... end ... the buffer's end
//         to be stored      as tokens        unread     free
//
// Of a block that compresses well the bytes before block_start_ may be gone already, as tokens.
//
// Owner: a Deflater.
class DeflateStream {
 public:
  explicit DeflateStream(const DeflateOptions& options);

  DeflateProgress run(Bytes input, MutableBytes output, Flush flush) noexcept;
  void reset() noexcept;

 private:
  enum class Phase : std::uint8_t { collect, write_stored, write_block, write_tail };

  DeflateStatus go(Bytes& input, Flush flush) noexcept;
  bool write() noexcept;
  void fill(Bytes& input) noexcept;
  void make_room() noexcept;
  void collect(bool all_there) noexcept;
  void pass_block_end() noexcept;
  void end_block(bool last) noexcept;
  std::uint64_t stored_bits(bool last) const noexcept;
  std::size_t block_end() const noexcept { return stored_start_ + sizes_.max_block_size; }

  DeflateSizes sizes_;
  CollectorOptions collector_options_;
  Reading reading_;
  std::size_t stored_start_ = 0;
  std::size_t block_start_ = 0;
  std::uint64_t never_stored_ = 0;  // bytes of the block before block_start_
  Phase phase_ = Phase::collect;
  bool block_started_ = false;  // to be written, perhaps behind what is stored
  BitWriter writer_;
  StoredWriter stored_writer_;
  BlockWriter block_writer_;
  TokenBlock tokens_;
  MatchFinder finder_;
  ByteBuffer buffer_;  // all of it in use
};

}  // namespace duplex::codec
