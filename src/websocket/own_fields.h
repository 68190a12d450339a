// The fields that the opening handshake writes itself, in both directions.
#pragma once

#include <string_view>

#include "duplex/http/message.h"

namespace duplex::websocket {

inline bool is_handshake_field(std::string_view name) noexcept {
  constexpr std::string_view prefix = "Sec-WebSocket-";
  return http::iequals(name, "Upgrade") || http::iequals(name, "Connection") ||
         http::iequals(name.substr(0, prefix.size()), prefix);
}

}  // namespace duplex::websocket
