// A descriptor with an owner: closed when the owner goes.
#pragma once

#include <utility>

#include "duplex/net/kernel.h"

namespace duplex::net {

class Descriptor {
 public:
  Descriptor() = default;
  Descriptor(Kernel& kernel, int fd) noexcept : kernel_(&kernel), fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : kernel_(other.kernel_), fd_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    reset();
    kernel_ = other.kernel_;
    fd_ = other.release();
    return *this;
  }
  ~Descriptor() { reset(); }

  explicit operator bool() const noexcept { return fd_ >= 0; }
  int fd() const noexcept { return fd_; }
  int release() noexcept { return std::exchange(fd_, -1); }
  void reset() noexcept {
    // What close() says is of no use: the descriptor is gone (close(2), "Dealing with errors").
    if (fd_ >= 0) static_cast<void>(kernel_->close(release()));
  }

 private:
  Kernel* kernel_ = nullptr;
  int fd_ = -1;
};

}  // namespace duplex::net
