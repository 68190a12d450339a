// One end of the link as the emulator sees it: IP packets in and out of a namespace.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <span>

#include "descriptor.h"

namespace duplex::tools::wire {

class Port {
 public:
  Port() = default;
  // A TUN descriptor, or with an interface's index a bound AF_PACKET socket without link headers.
  explicit Port(Descriptor fd, unsigned interface = 0)
      : fd_(std::move(fd)), interface_(interface) {}

  // An AF_PACKET socket on this interface of this namespace. Throws Unavailable.
  static Port on_interface(const std::string& name);

  int fd() const noexcept { return fd_.get(); }
  // The next packet that came out of the namespace; below 0: none, or minus an errno.
  ssize_t read(std::span<std::byte> buffer) const;
  // False when the namespace does not take it.
  bool write(std::span<const std::byte> packet) const;

 private:
  Descriptor fd_;
  unsigned interface_ = 0;
};

}  // namespace duplex::tools::wire
