// Messages as lines of a terminal: as they are, or as hexadecimal digits. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../printable.h"
#include "duplex/base/bytes.h"
#include "duplex/endpoint/client.h"

namespace duplex::tools {

std::string hex_text(Bytes bytes);  // "01 ab ff"
// Two digits a byte, spaces between them allowed; nothing when it is anything else.
std::optional<std::vector<std::byte>> parse_hex(std::string_view text);

// "Name: value"; nothing without a name or a colon.
std::optional<endpoint::HeaderField> parse_header(std::string_view text);

}  // namespace duplex::tools
