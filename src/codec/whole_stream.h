// A whole DEFLATE stream, RFC 1951, as file formats hold it.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "duplex/base/bytes.h"
#include "duplex/codec/deflate.h"

namespace duplex::codec {

// After the flush the stream lacks a final block: an empty stored one (RFC 1951 section 3.2.4).
inline constexpr std::array<unsigned char, 5> final_block = {1, 0, 0, 0xFF, 0xFF};

// To a string, or a vector of bytes. `deflater` is as new, and is reset.
template <class Out>
void append_whole_stream(Out& out, Bytes bytes, Deflater& deflater) {
  using Element = typename Out::value_type;
  const std::size_t begin = out.size();
  out.resize(begin + max_deflated_size(bytes.size()));
  const MutableBytes memory = std::as_writable_bytes(std::span(out)).subspan(begin);
  const DeflateProgress progress = deflater.deflate(bytes, memory, Flush::sync);
  deflater.reset();
  out.resize(begin + progress.produced);
  for (const unsigned char byte : final_block) out.push_back(static_cast<Element>(byte));
}

}  // namespace duplex::codec
