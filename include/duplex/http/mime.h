// Media types by the ending of a file's name.
#pragma once

#include <string_view>

namespace duplex::http {

// "text/html; charset=utf-8" for "/index.html"; "application/octet-stream" for what is not known.
std::string_view mime_type(std::string_view path) noexcept;

}  // namespace duplex::http
