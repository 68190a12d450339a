// Compression to DEFLATE, RFC 1951, for messages as RFC 7692 section 7.2.1 sends them.
//
// Bytes come in parts of any size and compressed bytes go into memory of any size. A message ends
// with a flush, whose last four bytes, 00 00 FF FF, are not sent:
//
//   DeflateProgress progress = deflater.deflate(message, output, Flush::sync);
//   // need_output: give more memory, the rest of message, and Flush::sync again
//   ...
//   send(output.first(size - flush_tail_size));
//   deflater.reset();  // without context takeover: the next message refers to nothing before it
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "duplex/base/bytes.h"

namespace duplex::codec {

struct DeflateOptions {
  // 0 stores, 1 is the fastest, 9 compresses best; more is 9.
  unsigned level = 6;

  // No distance is larger than 2^window_bits: 8 to 15, as agreed (RFC 7692 7.1.2).
  unsigned window_bits = 15;
};

enum class Flush : std::uint8_t {
  none,  // keep what compresses better together with what follows
  sync,  // put out everything, then an empty stored block: the bytes end with 00 00 FF FF
};

enum class DeflateStatus : std::uint8_t {
  need_input,   // all input is taken, but some of it may not have been put out
  need_output,  // the output is full: give more memory, with the same flush
  flushed,      // all input is put out
};

struct DeflateProgress {
  DeflateStatus status;
  std::size_t consumed;  // bytes of the input, which need not be given again
  std::size_t produced;  // bytes of output
};

inline constexpr std::size_t flush_tail_size = 4;

// At least the size of a message of `size` bytes, however it compresses, with the tail. Stored
// blocks, which are the worst case, are shorter in small windows.
std::size_t max_deflated_size(std::size_t size, unsigned window_bits = 15) noexcept;

class DeflateStream;

// The same bytes after the same bytes give the same bytes, however input and output are cut.
// Owner: one connection; or a loop, for any number of connections without context takeover, if it
// calls reset() after each message. Thread: any one. Memory: memory_size() from the first call of
// deflate() on. When std::bad_alloc is thrown, nothing has changed.
class Deflater {
 public:
  explicit Deflater(const DeflateOptions& options = {}) noexcept;
  ~Deflater();
  Deflater(Deflater&&) noexcept;
  Deflater& operator=(Deflater&&) noexcept;

  DeflateProgress deflate(Bytes input, MutableBytes output, Flush flush);

  // Forgets everything, what has not been put out too. The memory stays, for the next message.
  void reset() noexcept;

  // Bytes: at most 16 KiB for a window of 256 bytes, 70 KiB for 4 KiB, 280 KiB for 32 KiB.
  static std::size_t memory_size(const DeflateOptions& options) noexcept;

 private:
  std::unique_ptr<DeflateStream> stream_;
  DeflateOptions options_;
};

}  // namespace duplex::codec
