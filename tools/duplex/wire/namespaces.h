// Network namespaces of one's own, as root or in a user namespace.
#pragma once

#include "descriptor.h"

namespace duplex::tools::wire {

// From now on this process may make network namespaces; it is in one of its own. Where it is not
// root it enters a user namespace in which it keeps its number. Throws Unavailable, with what is
// missing. Only while the process has one thread.
void leave_network();

// A new network namespace in which this process is from now on: nothing but loopback, which is up.
Descriptor make_network();
void enter_network(const Descriptor& network);

}  // namespace duplex::tools::wire
