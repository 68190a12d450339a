// A client's handshake as other servers know it.
#pragma once

#include "duplex/events/socket.h"

namespace duplex::events {

// The object of RemoteSocket::handshake.
Json remote_handshake(const Handshake& handshake);

}  // namespace duplex::events
