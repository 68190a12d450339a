// Implements how bytes become blocks: RFC 1951 section 4, RFC 7692 section 7.2.1.
#include "codec/deflate_stream.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace duplex::codec {
namespace {

// By level: probes, good length, lazy length, insert length.
constexpr std::array<MatchEffort, 10> efforts = {{
    {0, 0, 0, 0},
    {2, 16, 0, 16},
    {8, 24, 0, 258},
    {16, 32, 0, 258},
    {12, 32, 8, 258},
    {24, 64, 16, 258},
    {48, 64, 16, 258},
    {128, 160, 64, 258},
    {300, 258, 258, 258},
    {1000, 258, 258, 258},
}};

}  // namespace

DeflateSizes::DeflateSizes(unsigned window_bits) noexcept
    : hash_bits(std::min(window_bits, 14U)),
      short_hash_bits(std::min(window_bits - 1, 12U)),
      max_block_size(std::clamp(std::size_t{4} << window_bits, std::size_t{4096}, max_stored_size)),
      token_count((max_block_size + 1) / 8),
      buffer_size(std::max(std::size_t{1} << window_bits, max_block_size) + max_block_size / 2 +
                  4 * least_ahead) {}

DeflateStream::DeflateStream(const DeflateOptions& options)
    : sizes_(options.window_bits),
      collector_options_{efforts[std::min<std::size_t>(options.level, efforts.size() - 1)],
                         std::uint32_t{1} << options.window_bits},
      tokens_(sizes_.token_count),
      finder_(options.window_bits, sizes_.hash_bits, sizes_.short_hash_bits) {
  buffer_.grow(sizes_.buffer_size);
}

DeflateProgress DeflateStream::run(Bytes input, MutableBytes output, Flush flush) noexcept {
  const std::size_t size = input.size();
  writer_.set_output(output);
  const DeflateStatus status = go(input, flush);
  return {status, size - input.size(), writer_.written()};
}

DeflateStatus DeflateStream::go(Bytes& input, Flush flush) noexcept {
  while (true) {
    const Phase phase = phase_;
    if (!write()) return DeflateStatus::need_output;
    if (phase == Phase::write_tail) return DeflateStatus::flushed;
    fill(input);
    const bool all_there = flush == Flush::sync && input.empty();
    collect(all_there);
    if (tokens_.full()) {
      end_block(false);
    } else if (reading_.cursor == block_end()) {
      pass_block_end();
    } else if (all_there) {
      end_block(true);
    } else if (input.empty()) {
      return DeflateStatus::need_input;
    }
  }
}

// Finishes what has been started; false when the output is full before that.
bool DeflateStream::write() noexcept {
  if (phase_ == Phase::write_stored) {
    if (!stored_writer_.write(writer_)) return false;
    stored_start_ = block_start_;
    phase_ = block_started_ ? Phase::write_block : Phase::collect;
  }
  if (phase_ == Phase::write_block) {
    if (!block_writer_.write(writer_)) return false;
    tokens_.clear();
    stored_start_ = block_start_ = reading_.cursor;
    never_stored_ = 0;
  }
  if (phase_ == Phase::write_tail && !stored_writer_.write(writer_)) return false;
  phase_ = Phase::collect;
  return true;
}

void DeflateStream::reset() noexcept {
  reading_ = {.base = reading_.base + static_cast<std::uint32_t>(reading_.end)};
  stored_start_ = block_start_ = 0;
  never_stored_ = 0;
  phase_ = Phase::collect;
  writer_ = {};
  tokens_.clear();
}

void DeflateStream::fill(Bytes& input) noexcept {
  if (input.size() > sizes_.buffer_size - reading_.end &&
      reading_.end - reading_.cursor < least_ahead) {
    make_room();
  }
  const std::size_t count = std::min(input.size(), sizes_.buffer_size - reading_.end);
  if (count != 0) std::memcpy(buffer_.data() + reading_.end, input.data(), count);
  reading_.end += count;
  input = input.subspan(count);
}

// Drops what no distance reaches and no block needs.
void DeflateStream::make_room() noexcept {
  const std::size_t window_size = collector_options_.window_size;
  const std::size_t reached = reading_.cursor - std::min(reading_.cursor, window_size);
  const std::size_t start = std::min(stored_start_, reached);
  std::memmove(buffer_.data(), buffer_.data() + start, reading_.end - start);
  reading_.base += static_cast<std::uint32_t>(start);
  reading_.cursor -= start;
  reading_.end -= start;
  stored_start_ -= start;
  block_start_ -= start;
}

void DeflateStream::collect(bool all_there) noexcept {
  if (collector_options_.effort.max_probes == 0) {
    reading_.cursor = std::min(reading_.end, block_end());
  } else {
    collect_tokens(buffer_.data(), reading_, block_end(), all_there, collector_options_, finder_,
                   tokens_);
  }
}

// As many bytes as one stored block may hold, in fewer tokens than fill a compressed one, take less
// than half of their size there: then the block may as well go on, without its bytes at hand.
void DeflateStream::pass_block_end() noexcept {
  if (tokens_.size() == 0 || stored_start_ != block_start_) return end_block(false);
  never_stored_ += reading_.cursor - block_start_;
  stored_start_ = block_start_ = reading_.cursor;
}

// What does not compress joins what is to be stored, until that fills a block of its own.
void DeflateStream::end_block(bool last) noexcept {
  const std::size_t end = reading_.cursor;
  block_started_ = tokens_.size() != 0 && block_writer_.start(tokens_, stored_bits(last));
  if (!block_started_) {
    block_start_ = end;
    tokens_.clear();
  }
  const bool must_store = block_started_ || last || end == block_end();
  if (must_store && stored_start_ != block_start_) {
    stored_writer_.start({buffer_.data() + stored_start_, block_start_ - stored_start_});
    phase_ = Phase::write_stored;
  } else if (block_started_) {
    phase_ = Phase::write_block;
  } else if (last) {
    stored_writer_.start({});
    phase_ = Phase::write_tail;
  }
}

// What storing the block would add. A compressed block ends what is stored, and so it must save the
// header of what will be stored behind it: then blocks never make the whole larger.
std::uint64_t DeflateStream::stored_bits(bool last) const noexcept {
  constexpr std::uint64_t most_header_bits = block_header_bits + 7 + 32;
  const std::uint64_t content_bits = 8 * (never_stored_ + (reading_.cursor - block_start_));
  if (!last) return content_bits - std::min(content_bits, most_header_bits);
  if (stored_start_ != block_start_) return content_bits;
  const unsigned header_end = writer_.bit_position() + block_header_bits;
  return content_bits + block_header_bits + (8 - header_end % 8) % 8 + 32;
}

}  // namespace duplex::codec
