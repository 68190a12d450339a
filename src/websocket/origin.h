// Whose pages may open a WebSocket: RFC 6455 sections 4.2.2 and 10.2.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "duplex/http/message.h"

namespace duplex::websocket {

// True when the host and port of an Origin (RFC 6454 section 7) are those of a Host. A port that
// Host leaves out is the origin's scheme's own: a proxy may have spoken TLS.
bool is_own_origin(std::string_view origin, std::string_view host) noexcept;

// What HandshakePolicy::allowed_origins says of a request with one Host and at most one Origin.
bool is_origin_allowed(const http::Fields& fields, std::span<const std::string> allowed) noexcept;

}  // namespace duplex::websocket
