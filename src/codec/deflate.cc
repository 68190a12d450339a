// Implements what lives as long as a connection, and the sizes that are promised.
#include "duplex/codec/deflate.h"

#include "codec/deflate_stream.h"

namespace duplex::codec {

Deflater::Deflater(const DeflateOptions& options) noexcept : options_(options) {}
Deflater::~Deflater() = default;
Deflater::Deflater(Deflater&&) noexcept = default;
Deflater& Deflater::operator=(Deflater&&) noexcept = default;

DeflateProgress Deflater::deflate(Bytes input, MutableBytes output, Flush flush) {
  if (!stream_) stream_ = std::make_unique<DeflateStream>(options_);
  return stream_->run(input, output, flush);
}

void Deflater::reset() noexcept {
  if (stream_) stream_->reset();
}

std::size_t Deflater::memory_size(const DeflateOptions& options) noexcept {
  const DeflateSizes sizes(options.window_bits);
  return sizeof(DeflateStream) + sizes.buffer_size + sizes.token_count * sizeof(Token) +
         MatchFinder::memory_size(options.window_bits, sizes.hash_bits, sizes.short_hash_bits);
}

std::size_t max_deflated_size(std::size_t size, unsigned window_bits) noexcept {
  const std::size_t block_size = DeflateSizes(window_bits).max_block_size;
  constexpr std::size_t stored_header = 5;
  // The empty block at the end has a header too, and may need a byte more to begin with.
  return size + stored_header * (size / block_size + 1) + stored_header + 1;
}

}  // namespace duplex::codec
