// The servers that are measured: Duplex, and the bare loops that do the least one can do.
#pragma once

#include "child.h"

namespace duplex::bench {

// WebSocket echo at "/": EventLoop, Server, one handler.
void serve_duplex_echo(Shared& shared);
// epoll, recv, send: as many bytes back as came, without a look at them.
void serve_raw_echo(Shared& shared);
// epoll, accept, read, write, close: a fixed answer of the size of a 101.
void serve_raw_openings(Shared& shared);
// Socket.IO: acknowledges "echo" by its argument, and says "spread" to everybody. Ten handlers: of
// each socket, or of the namespace.
void serve_duplex_socketio(Shared& shared);
void serve_duplex_socketio_of_namespace(Shared& shared);

}  // namespace duplex::bench
