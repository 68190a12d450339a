// Path resolution in the table of files, with the rule of RESOLVE_BENEATH.
#include "simulation/files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <vector>

namespace duplex::simulation {
namespace {

std::string without_trailing_slash(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

// `path` below `root` with "." and ".." resolved; nothing when it leaves the root on its way.
std::optional<std::string> resolve_beneath(const std::string& root, const std::string& path) {
  if (path.starts_with('/')) return std::nullopt;
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string part = path.substr(begin, end - begin);
    begin = end + 1;
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (parts.empty()) {
      return std::nullopt;
    } else {
      parts.pop_back();
    }
  }
  std::string result = root == "/" ? "" : root;
  for (const std::string& part : parts) result += "/" + part;
  return result.empty() ? "/" : result;
}

}  // namespace

std::size_t File::readable_size(std::uint64_t offset) const noexcept {
  return content_ != nullptr && offset < content_->size() ? content_->size() - offset : 0;
}

std::ptrdiff_t File::read(MutableBytes bytes, std::uint64_t offset) const {
  if (content_ == nullptr) return -EISDIR;
  const std::size_t size = std::min(bytes.size(), readable_size(offset));
  if (size > 0) std::memcpy(bytes.data(), content_->data() + offset, size);
  return static_cast<std::ptrdiff_t>(size);
}

void Files::add(const std::string& path, std::string content, std::int64_t modified_seconds) {
  net::FileStatus status;
  status.size = content.size();
  status.modified_seconds = modified_seconds;
  status.inode = ++last_inode_;
  status.is_regular = true;
  files_[path] = {std::make_shared<const std::string>(std::move(content)), status};
}

bool Files::is_directory(const std::string& path) const {
  const std::string prefix = path == "/" ? path : path + "/";
  const auto at = files_.lower_bound(prefix);
  return at != files_.end() && at->first.starts_with(prefix);
}

Files::Opened Files::open(const std::string& path) const {
  if (const auto at = files_.find(path); at != files_.end()) {
    return {std::make_shared<File>(path, at->second.content, at->second.status), 0};
  }
  if (!is_directory(path)) return {nullptr, ENOENT};
  net::FileStatus status;
  status.is_directory = true;
  return {std::make_shared<File>(path, nullptr, status), 0};
}

Files::Opened Files::open_directory(const std::string& path) const {
  Opened opened = open(without_trailing_slash(path));
  if (opened.first != nullptr && !opened.first->status().is_directory) return {nullptr, ENOTDIR};
  return opened;
}

Files::Opened Files::open_beneath(const std::string& root, const std::string& path) const {
  if (path.empty()) return {nullptr, ENOENT};
  const auto resolved = resolve_beneath(root, path);
  if (!resolved) return {nullptr, EXDEV};
  Opened opened = open(*resolved);
  const bool wants_directory = path.ends_with('/');
  if (opened.first != nullptr && wants_directory && !opened.first->status().is_directory) {
    return {nullptr, ENOTDIR};
  }
  return opened;
}

}  // namespace duplex::simulation
