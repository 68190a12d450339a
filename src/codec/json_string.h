// Strings of JSON, RFC 8259 section 7.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace duplex::codec {

struct JsonStringEnd {
  std::size_t offset = 0;         // behind the closing quote, or where the problem is
  std::string_view problem = {};  // empty: none
};

// Decodes the string that begins with the quote at `start`; the text is valid UTF-8.
JsonStringEnd read_json_string(std::string_view text, std::size_t start, std::string& decoded);

// How many bytes at the front stand in a string as they are: all but control characters, the quote
// and the backslash. Eight at a time.
std::size_t plain_json_size(std::string_view text) noexcept;

}  // namespace duplex::codec
