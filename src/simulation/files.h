// The files of a simulated host: a table of paths. Directories exist because files are below them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "duplex/net/kernel.h"
#include "simulation/epoll.h"

namespace duplex::simulation {

// An open file or directory.
class File final : public Pollable {
 public:
  File(std::string path, std::shared_ptr<const std::string> content, net::FileStatus status)
      : path_(std::move(path)), content_(std::move(content)), status_(status) {}

  std::string_view kind() const noexcept override { return "file"; }
  bool can_be_watched() const noexcept override { return false; }

  const std::string& path() const noexcept { return path_; }
  const net::FileStatus& status() const noexcept { return status_; }
  std::size_t readable_size(std::uint64_t offset) const noexcept;
  // -EISDIR for a directory.
  std::ptrdiff_t read(MutableBytes bytes, std::uint64_t offset) const;

 private:
  std::string path_;
  std::shared_ptr<const std::string> content_;  // null for a directory
  net::FileStatus status_;
};

class Files {
 public:
  // Adds or replaces a file; `path` is absolute. Who has the old one open keeps the old content.
  void add(const std::string& path, std::string content, std::int64_t modified_seconds = 0);
  void remove(const std::string& path) { files_.erase(path); }

  // A null file comes with the positive errno.
  using Opened = std::pair<std::shared_ptr<File>, int>;
  Opened open_directory(const std::string& path) const;
  Opened open_beneath(const std::string& root, const std::string& path) const;

 private:
  struct Entry {
    std::shared_ptr<const std::string> content;
    net::FileStatus status;
  };

  Opened open(const std::string& path) const;
  bool is_directory(const std::string& path) const;

  std::map<std::string, Entry> files_;
  std::uint64_t last_inode_ = 0;
};

}  // namespace duplex::simulation
