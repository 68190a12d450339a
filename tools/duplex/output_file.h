// The files that reports go to, besides stdout, and come from.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace duplex::tools {

// Whether the file can be written, before there is anything for it: nobody wants to wait for a
// report that cannot be written. What stands in it stays until there is something new. Complains
// in the name of `command` ("duplex bench").
bool can_be_written(std::string_view command, const std::string& path);

// False, with a complaint, when the disk is full or the like.
bool write_file(std::string_view command, const std::string& path, std::string_view text);

// Bytes of a file, whatever is in it: a run of the bench, a capture.
inline constexpr std::size_t max_input_size = std::size_t{256} << 20;

// All that is in the file. Nothing, with a complaint, when it cannot be read or is larger than
// max_input_size.
std::optional<std::string> read_file(std::string_view command, const std::string& path);

}  // namespace duplex::tools
