// A file descriptor that is closed with its owner, and errors in words.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

namespace duplex::tools::wire {

// The machine does not allow what a link needs; the message says what is missing.
struct Unavailable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

[[noreturn]] inline void throw_unavailable(const std::string& what, int error) {
  throw Unavailable(what + ": " + std::system_category().message(error));
}

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) noexcept : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }

  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// The descriptor that a system call returned; throws Unavailable with `what` if it returned none.
inline Descriptor own(int fd, const std::string& what) {
  if (fd < 0) throw_unavailable(what, errno);
  return Descriptor(fd);
}

}  // namespace duplex::tools::wire
