// The files that reports go to.
#include "output_file.h"

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "command.h"

namespace duplex::tools {
namespace {

bool cannot_write(std::string_view command, const std::string& path) {
  complain(std::string(command) + ": cannot write " + path + ": " +
           std::system_category().message(errno));
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

}  // namespace duplex::tools
