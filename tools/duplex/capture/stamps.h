// The times that the kernel puts on packets.
#pragma once

#include <sys/socket.h>

#include <chrono>

namespace duplex::tools::trace {

// CLOCK_REALTIME when a packet passed, as recvmsg() has told it of a socket with SO_TIMESTAMPNS;
// now, when it has told nothing.
std::chrono::nanoseconds stamp_of(msghdr& message);

// Until the kernel stamps packets as they pass, which a worker of its own turns on a moment after
// the first socket has asked for it: until then a packet gets its stamp when it is read. Sends
// itself a datagram over 127.0.0.1 every millisecond, a hundred times at most; returns at once
// where that is not possible.
void wait_for_stamps();

}  // namespace duplex::tools::trace
