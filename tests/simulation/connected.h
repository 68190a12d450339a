// A world with one process that holds both ends of a connection.
#pragma once

#include <gtest/gtest.h>

#include "plug.h"
#include "simulation/kernel.h"

namespace duplex::simulation {

struct Connected {
  explicit Connected(WorldOptions options = {}, net::Address address = plug::loopback())
      : world(options), kernel(world) {
    listener = plug::listen(kernel, address);
    here = kernel.socket(address.family());
    kernel.connect(here, address);
    while ((there = kernel.accept(listener, nullptr)) == -EAGAIN && world.advance()) {
    }
    kernel.set_option(here, net::SocketOption::no_delay, 1);
    kernel.set_option(there, net::SocketOption::no_delay, 1);
  }

  World world;
  Kernel kernel;
  int listener = -1;
  int here = -1;   // the client
  int there = -1;  // the server
};

}  // namespace duplex::simulation
