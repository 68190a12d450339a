// The files that reports go to and come from.
#include "output_file.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
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
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "r"),
                                                             std::fclose);
  std::string text;
  std::array<char, 65536> part;
  while (const std::size_t size = file ? std::fread(part.data(), 1, part.size(), file.get()) : 0) {
    text.append(part.data(), size);
    if (text.size() > max_input_size) {
      complain(std::string(command) + ": cannot read " + path + ": it is larger than " +
               std::to_string(max_input_size >> 20) + " MiB");
      return std::nullopt;
    }
  }
  if (file && std::ferror(file.get()) == 0) return text;
  complain_of(command, "read", path);
  return std::nullopt;
}

}  // namespace duplex::tools
