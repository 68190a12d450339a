// The protocol without a socket: bytes in, events out, bytes out. Tests, fuzzers and coursework use
// the same class as the server. Here the masked "Hello" of RFC 6455 section 5.7 arrives in two
// parts.
#include <duplex/duplex.h>

#include <array>
#include <cstdio>
#include <span>

int main() {
  using duplex::websocket::Protocol;
  const auto now = duplex::websocket::Clock::time_point{};
  const duplex::websocket::ProtocolOptions options;
  duplex::SendQueue out;
  Protocol protocol(duplex::websocket::Role::server, options, out, now);

  std::array<unsigned char, 11> wire = {0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d,
                                        0x7f, 0x9f, 0x4d, 0x51, 0x58};
  const auto bytes = std::as_writable_bytes(std::span(wire));
  for (const auto part : {bytes.first(7), bytes.subspan(7)}) {
    protocol.receive(part, now);
    while (const auto event = protocol.next_event()) {
      const auto text = duplex::as_text(event->payload);
      std::printf("message: %.*s\n", static_cast<int>(text.size()), text.data());
      protocol.send_text(text);
    }
  }

  std::array<duplex::Bytes, 4> pieces;
  std::printf("to send:");
  for (const auto piece : std::span(pieces).first(out.gather(pieces))) {
    for (const auto byte : piece) std::printf(" %02x", std::to_integer<unsigned>(byte));
  }
  std::printf("\n");
}
