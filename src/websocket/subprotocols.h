// Lists of subprotocols: RFC 6455 sections 1.9, 4.1 and 11.3.4.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "duplex/http/message.h"
#include "duplex/websocket/handshake.h"

namespace duplex::websocket {

// Names offered by a client, all different, as views.
class SubprotocolList {
 public:
  // False when it is no token, is there already, or is one too many.
  bool add(std::string_view name) noexcept;
  bool contains(std::string_view name) const noexcept;

 private:
  std::array<std::string_view, max_offered_subprotocols> names_ = {};
  std::size_t size_ = 0;
};

// All Sec-WebSocket-Protocol fields, which make one list; nothing when it breaks the grammar.
std::optional<SubprotocolList> parse_subprotocols(const http::Fields& fields) noexcept;

}  // namespace duplex::websocket
