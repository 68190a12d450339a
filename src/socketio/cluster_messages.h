// What servers say to each other as Socket.IO's cluster adapter does, on which its sharded pub/sub
// and its streams stand: {"type":3,"data":{...},"uid":"...","nsp":"/"}. Private.
#pragma once

#include <string>
#include <string_view>

#include "duplex/base/bytes.h"
#include "duplex/base/result.h"
#include "duplex/socketio/cluster.h"

namespace duplex::socketio {

// --- Whole messages ------------------------------------------------------------------------------

// JSON, or MessagePack if there are bytes within.
std::string encode_cluster(const ClusterMessage& message, std::string_view nsp);
std::string encode_cluster_packed(const ClusterMessage& message, std::string_view nsp);

using ClusterOutcome = Result<ClusterMessage, std::string>;
// Either of them, of that namespace.
ClusterOutcome decode_cluster(Bytes bytes, std::string_view nsp, const codec::JsonLimits& limits);

// --- Entries of a stream -------------------------------------------------------------------------

// Their fields "type" and "data"; the latter is JSON, or with bytes within the Base64 of
// MessagePack.
struct StreamFields {
  std::string type = {};
  std::string data = {};
};
StreamFields encode_stream(const ClusterMessage& message);
ClusterOutcome decode_stream(std::string_view uid, const StreamFields& fields,
                             const codec::JsonLimits& limits);

}  // namespace duplex::socketio
