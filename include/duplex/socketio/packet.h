// Packets of Socket.IO protocol 5: events, acknowledgements, namespaces. Pure. Source: the
// Socket.IO protocol, "Packet encoding"; where it is silent, what its own parser does. Protocol 4,
// of Socket.IO 2, differs in what a connect says: its namespace may have a query behind it.
//
//   <type>[<attachments>-][<namespace>,][<acknowledgement id>][JSON]
//   51-/admin,7["file",{"_placeholder":true,"num":0}]     and one binary message after it
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "duplex/base/bytes.h"
#include "duplex/base/result.h"
#include "duplex/codec/json.h"

namespace duplex::socketio {

using Json = codec::JsonValue;

// The first character of a packet. The two binary ones are how events and acknowledgements travel
// that have bytes within; a Packet is never of them.
enum class PacketType : std::uint8_t {
  connect,
  disconnect,
  event,
  ack,
  connect_error,
  binary_event,
  binary_ack
};

struct Packet {
  PacketType type = PacketType::event;
  std::string nsp = "/";  // the namespace; begins with '/'
  std::optional<std::uint64_t> ack_id = {};
  // Absent: none. Of an event an array whose first item is its name; of an acknowledgement an
  // array; of a connect an object; of a connect_error an object or a string.
  std::optional<Json> data = {};
};

// Names that a peer may not send events of: they are the application's own.
bool is_reserved(std::string_view event) noexcept;

// The same for a client of Socket.IO 2, which speaks protocol 4: a connect without data, and of a
// connect_error only its data, or else its message.
Packet for_protocol4(Packet packet);

// How many attachments its bytes are, however deep.
std::size_t count_attachments(const Json& value) noexcept;

struct EncodedPacket {
  std::string text = {};
  std::vector<Bytes> attachments = {};  // views into the packet; each is a binary message after it
};

// Bytes in any packet but an event or an acknowledgement, which have no binary form, become null.
EncodedPacket encode(const Packet& packet);
// The same, its text appended to what is there already.
void append_packet(std::string& text, const Packet& packet, std::vector<Bytes>& attachments);

struct PacketLimits {
  // Of one packet; Socket.IO's own parser has had this limit since 4.2.6.
  std::size_t max_attachments = 10;
  std::size_t max_nsp_size = 1024;  // bytes
  codec::JsonLimits json = {};
};

// Puts packets together from messages. After a fault the connection is to be closed: what follows
// is not to be made sense of.
class Decoder {
 public:
  explicit Decoder(const PacketLimits& limits = {}) : limits_(limits) {}

  // A packet; nothing while attachments are missing. The error says what is wrong, for people:
  // "12 attachments, above the limit of 10".
  using Outcome = Result<std::optional<Packet>, std::string>;
  Outcome on_text(std::string_view text);
  Outcome on_bytes(Bytes bytes);

  // A packet is not complete yet.
  bool is_waiting() const noexcept { return pending_ != nullptr; }

 private:
  // A packet whose attachments are still to come. What it says may take twenty times as much memory
  // as its text, and who sends it may be slow: it is read again when it is complete.
  struct Pending {
    std::string text = {};
    std::size_t missing = 0;
    std::vector<codec::JsonBytes> attachments = {};
  };

  Outcome parse(std::string_view text);
  Outcome complete(Pending pending) const;

  PacketLimits limits_;
  std::unique_ptr<Pending> pending_ = {};
};

}  // namespace duplex::socketio
