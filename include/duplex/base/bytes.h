// Views of bytes that someone else owns: the vocabulary of every layer.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace duplex {

using Bytes = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;

// The same memory seen as characters; the view lives as long as `bytes`.
inline std::string_view as_text(Bytes bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The same memory seen as bytes; the view lives as long as `text`.
inline Bytes as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

}  // namespace duplex
