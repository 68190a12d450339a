// What two sides say over a WebSocket, as bytes: the examples of RFC 6455.
#pragma once

#include <string>
#include <string_view>

namespace duplex::tools::trace {

inline const std::string opening_request =
    "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Version: 13\r\n\r\n";

inline std::string opening_answer(std::string_view accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                                  std::string_view fields = "") {
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
         std::string(fields) + "Sec-WebSocket-Accept: " + std::string(accept) + "\r\n\r\n";
}

// Section 5.7: "Hello", masked and not.
inline const std::string masked_hello("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11);
inline const std::string plain_hello("\x81\x05Hello", 7);

}  // namespace duplex::tools::trace
