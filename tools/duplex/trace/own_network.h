// A network of one's own, with nothing in it but loopback: Linux namespaces.
#pragma once

#include <system_error>

namespace duplex::tools::trace {

// Moves this process into a network namespace of its own, where it may capture packets. Without
// root that takes a user namespace, too, which not every system allows. Must be called while the
// process has one thread. An error when it is refused: then nothing has changed.
std::error_code enter_own_network();

}  // namespace duplex::tools::trace
