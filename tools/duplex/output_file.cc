// The files that reports go to and come from.
#include "output_file.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "command.h"

namespace duplex::tools {
namespace {

void complain_of(std::string_view command, const char* what, const std::string& path) {
  complain(std::string(command) + ": cannot " + what + " " + path + ": " +
           std::system_category().message(errno));
}

bool cannot_write(std::string_view command, const std::string& path) {
  complain_of(command, "write", path);
  return false;
}

}  // namespace

bool can_be_written(std::string_view command, const std::string& path) {
  std::FILE* const file = std::fopen(path.c_str(), "a");
  return file != nullptr ? std::fclose(file) == 0 : cannot_write(command, path);
}

bool write_file(std::string_view command, const std::string& path, std::string_view text) {
  std::FILE* const file = std::fopen(path.c_str(), "w");
  bool written = file != nullptr && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (file != nullptr) written = std::fclose(file) == 0 && written;
  return written || cannot_write(command, path);
}

std::optional<std::string> read_file(std::string_view command, const std::string& path) {
  std::FILE* const file = std::fopen(path.c_str(), "r");
  std::string text;
  bool complete = file != nullptr;
  if (file != nullptr) {
    std::array<char, 65536> part;
    std::size_t size = 0;
    while ((size = std::fread(part.data(), 1, part.size(), file)) > 0)
      text.append(part.data(), size);
    complete = std::ferror(file) == 0;
  }
  if (!complete) complain_of(command, "read", path);
  if (file != nullptr) std::fclose(file);
  if (!complete) return std::nullopt;
  return text;
}

}  // namespace duplex::tools
