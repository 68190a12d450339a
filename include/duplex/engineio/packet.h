// Packets of the Engine.IO protocol, revisions 4 and 3: what Socket.IO's messages travel in, over
// WebSocket and over long polling. Pure. Source: the Engine.IO protocol, "Packet encoding"; section
// names below are its.
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

// EIO in the query of a request. Clients of Socket.IO 2 speak revision 3, later ones 4.
enum class Revision : std::uint8_t { three = 3, four = 4 };

// "Packet types": the first character of a packet is '0' for open, and so on.
enum class PacketType : std::uint8_t { open, close, ping, pong, message, upgrade, noop };

// "message" and so on, for people.
std::string_view name_of(PacketType type) noexcept;

struct Packet {
  PacketType type = PacketType::noop;
  // What follows the type: UTF-8. A view of the text that was parsed.
  std::string_view text = {};
  // A message of bytes, which text carries as 'b' ("b4" in revision 3) and Base64; then `text` is
  // empty.
  std::optional<std::vector<std::byte>> bytes = {};
};

// One packet, as a text message of WebSocket or a part of a payload. The error says what is wrong:
// "packet type 'x' is not 0 to 6".
Result<Packet, std::string> parse_packet(std::string_view text, Revision revision = Revision::four);
// One packet as a message of bytes, which in revision 3 begins with its type as a number.
Result<Packet, std::string> parse_bytes(Bytes bytes, Revision revision = Revision::four);

// In a payload a text with the separator in it reads as several packets: the protocol has no way to
// escape it. JSON, and so Socket.IO, escapes it by itself.
void append_packet(std::string& out, PacketType type, std::string_view text = {});
// A message of bytes where only text can be sent: 'b' and Base64.
void append_bytes(std::string& out, Bytes bytes, Revision revision = Revision::four);
// A message of bytes as revision 3 sends it: the number 4, and the bytes.
std::string bytes_with_type(Bytes bytes);

// --- Payloads: the packets of one HTTP body, "HTTP long-polling" ---------------------------------

inline constexpr char separator = '\x1e';

// How the packets of a payload are told apart.
enum class PayloadForm : std::uint8_t {
  separated,     // revision 4
  counted,       // revision 3: "6:4hello2:4a", lengths in UTF-16 code units
  counted_bytes  // revision 3: 0 for text or 1 for bytes, the size's digits, each a byte, and 255
};
// To a payload of revision 3.
void append_counted(std::string& out, std::string_view packet);
void append_counted_bytes(std::string& out, std::string_view packet, bool is_bytes);

struct PayloadLimits {
  std::size_t max_packets = 10'000;  // in one payload; the body's own size is HTTP's to limit
};

// Gives packet after packet; the payload stays where it is for as long. It must be UTF-8, as
// WebSocket sees to by itself. Time: linear.
class PayloadReader {
 public:
  explicit PayloadReader(std::string_view payload, const PayloadLimits& limits = {},
                         PayloadForm form = PayloadForm::separated)
      : rest_(payload), limits_(limits), form_(form) {}

  // Nothing after the last packet, and from the first fault on.
  std::optional<Packet> next();
  // What has not been read yet; and where it is from now on, for who has to give its memory back.
  std::string_view rest() const noexcept { return rest_; }
  void move_rest(std::string_view copy) noexcept { rest_ = copy; }
  // What is wrong, and at which packet: "packet 3: an empty packet". Empty: nothing so far.
  const std::string& fault() const noexcept { return fault_; }

 private:
  // Of one packet.
  struct Part {
    std::string_view content = {};
    bool is_bytes = false;
  };
  // Each takes a part off the front, and says what is wrong, or nothing.
  std::string take_part(Part& part);
  std::string take_counted(Part& part);
  std::string take_counted_bytes(Part& part);
  std::string read(const Part& part, std::optional<Packet>& packet) const;

  std::string_view rest_;
  PayloadLimits limits_;
  PayloadForm form_;
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
