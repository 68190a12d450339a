// A frame as a picture of its bits, RFC 6455 section 5.2. Pure.
#pragma once

#include <string>
#include <vector>

#include "frame_reader.h"

namespace duplex::tools {

// Lines of text: the fields of the header with their bits, and the masking key and the first bytes
// of the payload in hexadecimal, `shown` of them at most, and fewer where the line would be longer
// than 72 columns.
std::vector<std::string> bit_box(const SeenFrame& frame, std::size_t shown);

// How a masked payload becomes what was meant: three lines, the payload as sent, the key over and
// over, and the exclusive or of both. Nothing for a frame that is not masked, or is empty.
std::vector<std::string> mask_lines(const SeenFrame& frame, std::size_t shown);

// "01 ab ff", and an ellipsis when `size` says that there are more.
std::string hex_beginning(Bytes bytes, std::size_t shown, std::uint64_t size);

}  // namespace duplex::tools
