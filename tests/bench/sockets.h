// Bare sockets for load generators and for the servers that Duplex is compared with.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace duplex::bench {

void raise_descriptor_limit();                // to what the system allows
int listen_on_loopback(std::uint16_t& port);  // non-blocking; aborts on failure
int connect_to_loopback(std::uint16_t port);  // blocking, TCP_NODELAY; aborts on failure
void set_non_blocking(int fd);

void send_all(int fd, std::string_view bytes);  // blocking
std::string receive_exactly(int fd, std::size_t size);
// Sends an opening handshake for `path` and reads its answer; aborts unless it is 101.
void open_websocket(int fd, std::string_view path);
// The payload of the next frame, which is not masked, nor longer than 64 KiB; blocking.
std::string receive_frame(int fd);
// A session of Engine.IO over WebSocket, in the namespace "/" of Socket.IO.
void open_socketio(int fd);

// One masked frame, as a client sends it.
std::string masked_frame(bool text, std::string_view payload);
// The size of the same message as a server sends it back.
std::size_t unmasked_size(std::size_t payload_size);

// `size` bytes of text: ASCII, or mostly two- and three-byte characters.
std::string ascii_text(std::size_t size);
std::string non_ascii_text(std::size_t size);

}  // namespace duplex::bench
