// One entry of a stream, as XRANGE and XREAD give it.
#pragma once

#include <string>
#include <string_view>

#include "duplex/codec/resp.h"
#include "socketio/cluster_messages.h"

namespace duplex::cluster {

struct StreamEntry {
  std::string offset = {};
  std::string uid = {};
  std::string nsp = {};
  std::string ref = {};  // of a writer of ours
  socketio::StreamFields fields = {};

  // [offset, [name, value, ...]]; what is not there is empty.
  static StreamEntry of(const codec::RespValue& value);
};

// Whether the entry of the one offset, "1795376840648-0", stands before that of the other.
bool is_before(std::string_view one, std::string_view other) noexcept;

}  // namespace duplex::cluster
