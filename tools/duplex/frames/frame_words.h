// What frames and their parts are called, and payloads as texts for one line. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "../printable.h"
#include "dialogue.h"
#include "duplex/websocket/frame.h"

namespace duplex::tools {

std::string_view side_name(Side side) noexcept;     // "client"
std::string opcode_name(websocket::Opcode opcode);  // "TEXT", "reserved opcode 3"
// What a status code of a Close frame means, RFC 6455 section 7.4 and the registry it set up.
std::string close_code_words(std::uint16_t code);

// one_line(), of at most `shown` bytes of the text.
// `size`: of the whole, when `text` is only its beginning.
std::string one_line(std::string_view text, std::size_t shown, std::uint64_t size);

// "1 byte", "2 bytes".
std::string bytes_text(std::uint64_t size);

}  // namespace duplex::tools
