// Deflates in every way that callers can, and reads back what came out.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "duplex/codec/deflate.h"
#include "inflating.h"

namespace duplex::codec {

// Appends what `input` gives to `output`, through buffers of `output_size`; their own memory, so
// that the address sanitizer sees what is beyond them.
inline void deflate_part(Deflater& deflater, std::string_view part, Flush flush,
                         std::size_t output_size, std::string& output) {
  const std::vector<char> own(part.begin(), part.end());
  Bytes input = std::as_bytes(std::span(own));
  std::vector<std::byte> buffer(output_size);
  while (true) {
    const DeflateProgress progress = deflater.deflate(input, buffer, flush);
    output += as_text(Bytes(buffer).first(progress.produced));
    input = input.subspan(progress.consumed);
    if (progress.status != DeflateStatus::need_output) return;
  }
}

// The payload of a message, without the tail.
inline std::string deflate_message(Deflater& deflater, std::string_view message,
                                   const PartSizes& sizes = all_at_once,
                                   std::size_t output_size = 1 << 16) {
  std::string output;
  while (!message.empty()) {
    const std::size_t size = sizes(message.size());
    const Flush flush = size == message.size() ? Flush::sync : Flush::none;
    deflate_part(deflater, message.substr(0, size), flush, output_size, output);
    message.remove_prefix(size);
    if (flush == Flush::sync) break;
  }
  if (!output.ends_with(std::string_view("\0\0\xff\xff", 4))) {
    deflate_part(deflater, {}, Flush::sync, output_size, output);
  }
  output.resize(output.size() - flush_tail_size);
  return output;
}

}  // namespace duplex::codec
