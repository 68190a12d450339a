// The files of the lab page, as they were when the program was built (tools/duplex/lab/page).
#pragma once

#include <span>
#include <string_view>

namespace duplex::tools::lab {

struct LabFile {
  std::string_view name;  // "index.html"
  std::string_view text;
};

std::span<const LabFile> lab_files() noexcept;
// Media type of a file by its ending.
std::string_view media_type(std::string_view name) noexcept;

}  // namespace duplex::tools::lab
