// The zlib format, RFC 1950: a DEFLATE stream with a head and a checksum.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "duplex/base/bytes.h"

namespace duplex::codec {

// The checksum of RFC 1950 section 8.2.
std::uint32_t adler32(Bytes bytes) noexcept;

std::vector<std::byte> zlib_compress(Bytes bytes);

// Nothing unless it is a whole stream without a preset dictionary, its checksum is right, and it
// inflates to at most `max_size` bytes.
std::optional<std::vector<std::byte>> zlib_decompress(Bytes stream, std::size_t max_size);

}  // namespace duplex::codec
