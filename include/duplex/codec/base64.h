// Base64, RFC 4648 section 4: the standard alphabet, with padding.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "duplex/base/bytes.h"

namespace duplex::codec {

std::string base64_encode(Bytes bytes);

// Strict: the length is a multiple of 4, with all padding and nothing outside the alphabet, not
// even line breaks. Only the pad bits, which RFC 4648 section 3.5 lets a decoder ignore, may be
// anything: clients that make up a Sec-WebSocket-Key are known to leave them set.
std::optional<std::vector<std::byte>> base64_decode(std::string_view text);

// Whether base64_decode(text) would give exactly `size` bytes; allocates nothing.
bool is_base64_of_size(std::string_view text, std::size_t size) noexcept;

}  // namespace duplex::codec
