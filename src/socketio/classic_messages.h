// What servers say to each other over Redis' PUBLISH, as @socket.io/redis-adapter 8 does, and its
// emitters: broadcasts in MessagePack, requests and responses in JSON, those with acknowledgements
// of clients in MessagePack. Private.
#pragma once

#include <string>
#include <string_view>

#include "duplex/base/bytes.h"
#include "duplex/base/result.h"
#include "duplex/socketio/cluster.h"

namespace duplex::socketio {

// Of one namespace.
struct ClassicChannels {
  ClassicChannels(std::string_view prefix, std::string_view nsp);

  std::string broadcasts;  // "socket.io#/admin#", and of one room "socket.io#/admin#room#"
  std::string requests;    // "socket.io-request#/admin#"
  std::string responses;   // "socket.io-response#/admin#"
};

// Where it is published.
std::string channel_of(const ClusterMessage& message, const ClassicChannels& channels);
// What is published there. Bytes in JSON become what Node.js makes of them: {"type":"Buffer",...}.
std::string encode_classic(const ClusterMessage& message, std::string_view nsp);

// What came on each of the channels. Of the limits those of JSON are one message's.
using ClassicOutcome = Result<ClusterMessage, std::string>;
ClassicOutcome decode_classic_broadcast(Bytes bytes, std::string_view nsp,
                                        const codec::JsonLimits& limits);
ClassicOutcome decode_classic_request(Bytes bytes, const codec::JsonLimits& limits);
// An answer with no sockets at all may be one to fetch_sockets or to list_sockets: it is the
// latter.
ClassicOutcome decode_classic_response(Bytes bytes, const codec::JsonLimits& limits);

}  // namespace duplex::socketio
