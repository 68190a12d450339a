// A file of a test's own.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

namespace duplex::tools {

// Gone with the object. Its name is the process's own.
class TextFile {
 public:
  TextFile(const std::string& name, std::string_view text)
      : path(testing::TempDir() + std::to_string(getpid()) + name) {
    std::ofstream(path) << text;
  }
  ~TextFile() { std::filesystem::remove(path); }
  TextFile(const TextFile&) = delete;
  TextFile& operator=(const TextFile&) = delete;

  std::string text() const {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }

  const std::string path;
};

}  // namespace duplex::tools
