// Which content codings a client takes: RFC 9110 section 12.5.3.
#pragma once

#include <string_view>

namespace duplex::http {

// Whether the value of Accept-Encoding names `coding`, or "*", with a weight above 0. Nothing at
// all, which would allow any coding, allows none here: such clients often know none.
bool accepts_coding(std::string_view accept_encoding, std::string_view coding) noexcept;

}  // namespace duplex::http
