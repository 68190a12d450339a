// Packets of Socket.IO as its msgpack parser writes them: each is one message of bytes, the
// MessagePack of {type, data, nsp, id}, attachments and all. Both sides must have agreed on it
// beforehand. Pure. Source: socket.io-msgpack-parser.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "duplex/base/bytes.h"
#include "duplex/base/result.h"
#include "duplex/socketio/packet.h"

namespace duplex::socketio {

// How packets are written.
enum class Parser : std::uint8_t { text, msgpack };

std::vector<std::byte> encode_msgpack(const Packet& packet);

// As strict as Decoder. Of the limits those of JSON and of the namespace count.
Result<Packet, std::string> decode_msgpack(Bytes bytes, const PacketLimits& limits = {});

}  // namespace duplex::socketio
