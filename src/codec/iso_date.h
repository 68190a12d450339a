// Instants as JavaScript writes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace duplex::codec {

// "2026-11-29T14:30:00.000Z" of seconds since 1970, as Date.prototype.toISOString writes it
// (ECMA-262 section 21.4.1.32): years outside of 0 to 9999 with a sign and six digits. Nothing
// beyond 10^8 days from 1970, or with a second or more of nanoseconds.
std::optional<std::string> iso_date(std::int64_t seconds, std::uint64_t nanoseconds);

}  // namespace duplex::codec
