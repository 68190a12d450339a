// Masking of WebSocket payloads, RFC 6455 section 5.3.
#pragma once

#include <array>
#include <cstddef>

#include "duplex/base/bytes.h"

namespace duplex::codec {

using MaskingKey = std::array<std::byte, 4>;

// Masks or unmasks in place (it is the same operation). `phase` is the offset of bytes[0] in the
// payload: a payload may arrive in any number of parts of any length.
void apply_mask(MutableBytes bytes, MaskingKey key, std::size_t phase = 0) noexcept;

// The same from one memory to another; they do not overlap. out.size() >= in.size().
void copy_masked(MutableBytes out, Bytes in, MaskingKey key, std::size_t phase = 0) noexcept;

}  // namespace duplex::codec
