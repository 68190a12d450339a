// "HOST:PORT" as an address, looked up if it has to be.
#pragma once

#include <cstdint>
#include <string_view>

#include "duplex/net/kernel.h"

namespace duplex::tools {

// `port` is used when the text has none. May wait for a name server. Throws std::system_error with
// the text in its message.
net::Address resolve_address(net::Kernel& kernel, std::string_view host_and_port,
                             std::uint16_t port = 80);

}  // namespace duplex::tools
