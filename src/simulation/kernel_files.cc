// Files, random bytes and names of a simulated process.
#include <algorithm>
#include <cerrno>

#include "simulation/kernel.h"
#include "simulation/perform.h"

namespace duplex::simulation {

using net::Call;

int Kernel::open_directory(const std::string& path) {
  return perform(Call::open, -1, [&] {
    auto [file, error] = world_.files().open_directory(path);
    return file != nullptr ? insert(std::move(file)) : -error;
  });
}

int Kernel::open_beneath(int root, const std::string& path) {
  return perform(Call::open, root, [&] {
    const auto* const directory = descriptors_.find_as<File>(root);
    if (directory == nullptr) return -EBADF;
    if (!directory->status().is_directory) return -ENOTDIR;
    auto [file, error] = world_.files().open_beneath(directory->path(), path);
    return file != nullptr ? insert(std::move(file)) : -error;
  });
}

int Kernel::fstat(int fd, net::FileStatus& status) {
  return perform(Call::fstat, fd, [&] {
    if (descriptors_.find(fd) == nullptr) return -EBADF;
    const auto* const file = descriptors_.find_as<File>(fd);
    status = file != nullptr ? file->status() : net::FileStatus{};
    return 0;
  });
}

std::ptrdiff_t Kernel::pread(int fd, MutableBytes bytes, std::uint64_t offset) {
  return perform(Call::pread, fd, [&]() -> std::ptrdiff_t {
    if (descriptors_.find(fd) == nullptr) return -EBADF;
    const auto* const file = descriptors_.find_as<File>(fd);
    if (file == nullptr) return -ESPIPE;
    const std::size_t size = std::min(bytes.size(), file->readable_size(offset));
    return file->read(bytes.first(faults_.shorten(Call::recv, size)), offset);
  });
}

int Kernel::unlink(const std::string& path) {
  return perform(Call::unlink, -1, [&] { return world_.ports().unlink(path) ? 0 : -ENOENT; });
}

int Kernel::random(MutableBytes bytes) {
  return perform(Call::random, -1, [&] {
    std::generate(bytes.begin(), bytes.end(),
                  [&] { return static_cast<std::byte>(world_.system_random().next() >> 56); });
    return 0;
  });
}

int Kernel::resolve(const std::string& host, std::uint16_t port,
                    std::span<net::Address> addresses) {
  return perform(Call::resolve, -1, [&] {
    std::vector<net::Address> found;
    if (const auto* const known = world_.find_name(host)) found = *known;
    if (const auto literal = net::Address::parse(host, port)) found = {*literal};
    if (found.empty()) return -ENXIO;
    const std::size_t count = std::min(found.size(), addresses.size());
    for (std::size_t i = 0; i < count; ++i) {
      addresses[i] = found[i];
      addresses[i].set_port(port);
    }
    return static_cast<int>(count);
  });
}

}  // namespace duplex::simulation
