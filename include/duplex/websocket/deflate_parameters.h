// What permessage-deflate negotiates in the opening handshake: RFC 7692 section 7.1. Pure, no I/O.
//
// "Ours" is the direction in which this endpoint sends: server to client for a server.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "duplex/websocket/handshake.h"

namespace duplex::websocket {

inline constexpr std::string_view deflate_name = "permessage-deflate";
inline constexpr int min_window_bits = 8;   // 256 bytes, section 7.1.2.1
inline constexpr int max_window_bits = 15;  // 32 KiB, and what is meant when nothing is said

// What both sides agreed on. A window of n bits is 2^n bytes.
struct DeflateParameters {
  bool server_no_context_takeover = false;
  bool client_no_context_takeover = false;
  int server_max_window_bits = max_window_bits;
  int client_max_window_bits = max_window_bits;
};

// What an endpoint wants. The defaults suit a server with many connections: without context
// takeover the connections of a loop share a compressor for each level and window that is agreed on
// (280 KiB for a window of 32 KiB, 835 KiB if peers ask for all eight sizes, kept until the loop
// ends), a decompressor lives only within a message (9 KiB), and an idle connection costs no byte
// of either.
struct DeflateOptions {
  // 1 is fastest, 9 is smallest, 0 stores.
  int level = 1;
  // Messages shorter than this many bytes are sent as they are.
  std::size_t threshold = 128;
  // So are longer ones than this: compressing takes the loop milliseconds for each MiB (of JSON
  // some 6 at level 1, 20 at level 6), and nobody else is served meanwhile.
  std::size_t max_size = std::size_t{1} << 20;
  // Our messages may refer to earlier ones: smaller, above all for many small ones that are alike.
  // Costs a compressor for each connection, which grows with the window: codec::Deflater says how.
  bool context_takeover = false;
  // The peer's messages may: costs its window (256 bytes to 32 KiB) for each connection that has
  // received one.
  bool peer_context_takeover = false;
  // Largest windows, in bits, 8 to 15. A server cannot bind a client that does not offer
  // client_max_window_bits.
  int max_window_bits = 15;
  int peer_max_window_bits = 15;
  // A message that grows to more than this many times its size is refused with 1009. 0: any, and
  // ProtocolOptions::max_message_size alone bounds it; DEFLATE cannot exceed 1032.
  unsigned max_ratio = 0;

  friend bool operator==(const DeflateOptions&, const DeflateOptions&) = default;
};

// What a server answers with.
struct DeflateAgreement {
  DeflateParameters parameters;
  std::string response;  // the value of Sec-WebSocket-Extensions
};

// A server's choice: the first offer of permessage-deflate that it can accept (section 5), or
// nothing, when the connection goes on without it. An offer with an unknown, repeated or malformed
// parameter is declined (section 7.1).
std::optional<DeflateAgreement> accept_deflate(std::span<const ExtensionOffer> offers,
                                               const DeflateOptions& options);

// What a client sends in Sec-WebSocket-Extensions.
std::string deflate_offer(const DeflateOptions& options);

// A server's answer to deflate_offer() with the same options. Nothing when it does not fit the
// offer: the connection is then to be failed (section 7.1).
std::optional<DeflateParameters> judge_deflate_response(const ExtensionOffer& response,
                                                        const DeflateOptions& options);

}  // namespace duplex::websocket
