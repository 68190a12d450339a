// MessagePack (the specification of msgpack.org, 2013-09 with str, bin and ext): the same values as
// JSON, and bytes. Socket.IO's msgpack parser and its Redis adapters speak it. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "duplex/base/bytes.h"
#include "duplex/base/result.h"
#include "duplex/codec/json.h"

namespace duplex::codec {

// Each value in its shortest form; numbers that are no integers as float 64.
std::vector<std::byte> write_msgpack(const JsonValue& value);
void append_msgpack(std::vector<std::byte>& out, const JsonValue& value);

struct MsgpackError {
  std::size_t offset = 0;  // bytes before the place
  std::string message;     // "the input ends at byte 3"
};

// Exactly one value, in any form of the specification. Strict as the reader of JSON is: text is
// UTF-8, the names of a map are texts and differ. Of extensions it knows the timestamp (type -1),
// which becomes the text that Date.toJSON() writes, and what notepack makes of JavaScript's values
// with type 0: undefined (d4), which becomes null, a Date (d7, milliseconds), and an ArrayBuffer
// (c7, c8, c9), which becomes bytes.
// Integers above INT64_MAX keep only the nearest double.
// Memory: as parse_json(); a size that the input cannot hold is refused before anything is
// allocated.
Result<JsonValue, MsgpackError> parse_msgpack(Bytes input, const JsonLimits& limits = {});

}  // namespace duplex::codec
