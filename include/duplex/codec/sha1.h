// SHA-1, FIPS 180-4 section 6.1: for the opening handshake, not for security. RFC 6455
// section 10.8.
#pragma once

#include <array>
#include <cstddef>

#include "duplex/base/bytes.h"

namespace duplex::codec {

using Sha1Digest = std::array<std::byte, 20>;

Sha1Digest sha1(Bytes message) noexcept;

}  // namespace duplex::codec
