// How Sec-WebSocket-Accept comes about, step by step: RFC 6455 section 4.2.2. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace duplex::tools::trace {

// Key, GUID, SHA-1 in hexadecimal, Base64, and whether `accept`, which the server has sent, is
// that. Without a key (the request was not seen) nothing can be derived.
std::vector<std::string> derivation_lines(std::string_view key, std::string_view accept);

}  // namespace duplex::tools::trace
