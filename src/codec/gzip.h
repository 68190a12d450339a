// The gzip format, RFC 1952: a DEFLATE stream with a head, a checksum and a size.
#pragma once

#include <cstdint>
#include <string>

#include "duplex/base/bytes.h"
#include "duplex/codec/deflate.h"

namespace duplex::codec {

// The checksum of RFC 1952 section 8.
std::uint32_t crc32(Bytes bytes) noexcept;

// One member, without name and time. `deflater` is as new, and is reset.
std::string gzip_compress(Bytes bytes, Deflater& deflater);

}  // namespace duplex::codec
