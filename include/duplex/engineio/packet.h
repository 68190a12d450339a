// Packets of Engine.IO protocol 4: what Socket.IO's messages travel in, over WebSocket and over
// long polling. Pure. Source: the Engine.IO protocol, "Packet encoding"; section names below are
// its.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "duplex/base/bytes.h"
#include "duplex/base/result.h"

namespace duplex::engineio {

// "Packet types": the first character of a packet is '0' for open, and so on.
enum class PacketType : std::uint8_t { open, close, ping, pong, message, upgrade, noop };

// "message" and so on, for people.
std::string_view name_of(PacketType type) noexcept;

struct Packet {
  PacketType type = PacketType::noop;
  // What follows the type: UTF-8. A view of the text that was parsed.
  std::string_view text = {};
  // A message of bytes, which text carries as 'b' and Base64; then `text` is empty.
  std::optional<std::vector<std::byte>> bytes = {};
};

// One packet, as a text message of WebSocket or a part of a payload. The error says what is wrong:
// "packet type 'x' is not 0 to 6".
Result<Packet, std::string> parse_packet(std::string_view text);

// In a payload a text with the separator in it reads as several packets: the protocol has no way to
// escape it. JSON, and so Socket.IO, escapes it by itself.
void append_packet(std::string& out, PacketType type, std::string_view text = {});
// A message of bytes where only text can be sent: 'b' and Base64.
void append_bytes(std::string& out, Bytes bytes);

// --- Payloads: the packets of one HTTP body, "HTTP long-polling" ---------------------------------

inline constexpr char separator = '\x1e';

struct PayloadLimits {
  std::size_t max_packets = 10'000;  // in one payload; the body's own size is HTTP's to limit
};

// Gives packet after packet; the payload stays where it is for as long. It must be UTF-8, as
// WebSocket sees to by itself. Time: linear.
class PayloadReader {
 public:
  explicit PayloadReader(std::string_view payload, const PayloadLimits& limits = {})
      : rest_(payload), limits_(limits) {}

  // Nothing after the last packet, and from the first fault on.
  std::optional<Packet> next();
  // What is wrong, and at which packet: "packet 3: an empty packet". Empty: nothing so far.
  const std::string& fault() const noexcept { return fault_; }

 private:
  std::optional<Packet> fail(std::string why);

  std::string_view rest_;
  PayloadLimits limits_;
  std::size_t count_ = 0;
  bool finished_ = false;
  std::string fault_ = {};
};

// --- Opening: the text of the first packet, "Handshake" ------------------------------------------

struct Handshake {
  std::string sid = {};  // the session's id, a secret: who knows it can speak for the session
  bool can_upgrade = false;
  std::uint64_t ping_interval = 25'000;   // milliseconds
  std::uint64_t ping_timeout = 20'000;    // milliseconds
  std::uint64_t max_payload = 1'000'000;  // bytes of one message or payload; 0: not said
};

std::string write_handshake(const Handshake& handshake);
// From a server: keys that are not known are passed over, those that are must be right.
Result<Handshake, std::string> parse_handshake(std::string_view text);

// An id of 20 characters from 15 bytes of a cryptographic random source (base64url, RFC 4648
// section 5): 120 bits.
inline constexpr std::size_t id_entropy = 15;
std::string make_id(std::span<const std::byte, id_entropy> random);

}  // namespace duplex::engineio
