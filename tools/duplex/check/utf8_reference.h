// UTF-8 as RFC 3629 section 4 writes it down, byte by byte: the suite's own measure.
#pragma once

#include <string_view>

namespace duplex::tools::suite {

bool is_utf8(std::string_view bytes) noexcept;

}  // namespace duplex::tools::suite
