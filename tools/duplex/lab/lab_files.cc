// The files of the lab page.
#include "lab_files.h"

namespace duplex::tools::lab {
namespace {

constexpr LabFile files[] = {
#include "lab_files.inc"
};

}  // namespace

std::span<const LabFile> lab_files() noexcept { return files; }

std::string_view media_type(std::string_view name) noexcept {
  if (name.ends_with(".html")) return "text/html; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  return "application/octet-stream";
}

}  // namespace duplex::tools::lab
