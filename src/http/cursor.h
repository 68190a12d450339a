// Moving through the bytes of a head.
#pragma once

#include "duplex/http/head_scanner.h"
#include "http/character.h"

namespace duplex::http {

// Moves over characters of one class, not beyond `stop`.
inline void skip(Cursor& in, CharacterClass which, std::size_t stop) noexcept {
  const char* end = skip(which, in.bytes + in.at, in.bytes + stop);
  in.at = static_cast<std::size_t>(end - in.bytes);
}

}  // namespace duplex::http
