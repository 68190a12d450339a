// "HOST:PORT" as an address, looked up if it has to be.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "duplex/net/kernel.h"

namespace duplex::tools {

// What is wrong with the text, before anything is looked up: a sentence, or empty.
std::string address_problem(std::string_view host_and_port);

// `port` is used when the text has none. May wait for a name server. Throws std::system_error with
// the text in its message.
net::Address resolve_address(net::Kernel& kernel, std::string_view host_and_port,
                             std::uint16_t port = 80);

}  // namespace duplex::tools
