// Fuzz bytes as what endpoints want of permessage-deflate.
#pragma once

#include "decisions.h"
#include "duplex/websocket/deflate_parameters.h"

namespace duplex::fuzz {

// One byte for what is negotiated.
inline websocket::DeflateOptions take_deflate_options(Decisions& decisions) {
  const unsigned choice = decisions.byte();
  return {.context_takeover = (choice & 1) != 0,
          .peer_context_takeover = (choice & 2) != 0,
          .max_window_bits = 15 - static_cast<int>(choice >> 2 & 7),
          .peer_max_window_bits = 15 - static_cast<int>(choice >> 5 & 7)};
}

}  // namespace duplex::fuzz
