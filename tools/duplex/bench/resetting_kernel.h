// Sockets that leave with a reset (RST) where it is wanted, instead of an end (FIN).
//
// Who has ended its stream may still wait for an answer, as HTTP has it: a server would answer a
// long poll whose client has left, with the next event, at the cost of whoever is measured then.
#pragma once

#include "duplex/net/kernel.h"

namespace duplex::tools {

// How the sockets of a kernel are closed.
class Farewell {
 public:
  virtual void close_by_reset(bool wanted) noexcept = 0;

 protected:
  ~Farewell() = default;
};

template <class System>
class ResettingKernel : public System, public Farewell {
 public:
  using System::System;

  void close_by_reset(bool wanted) noexcept override { resets_ = wanted; }
  int close(int fd) override {
    if (resets_) System::set_option(fd, net::SocketOption::linger_reset, 1);
    return System::close(fd);
  }

 private:
  bool resets_ = false;
};

}  // namespace duplex::tools
