// What the servers and connections of the scenes of R57 to R59 are told: what takes seconds
// elsewhere takes a tenth of one there.
#pragma once

#include <chrono>
#include <cstdint>

#include "duplex/duplex.h"

namespace duplex::conformance {

using std::chrono::milliseconds;

// With what the n-th message of a connection may refer to, and without.
inline const websocket::DeflateOptions with_context = {
    .threshold = 1, .context_takeover = true, .peer_context_takeover = true};
inline const websocket::DeflateOptions without_context = {.threshold = 1};

inline constexpr milliseconds tenth(100);
inline const websocket::ProtocolOptions impatient = {.ping_interval = tenth,
                                                     .ping_timeout = tenth,
                                                     .message_timeout = tenth,
                                                     .close_timeout = tenth};
inline const websocket::ProtocolOptions soon_congested = {.send_high_water = 4096};

inline ServerOptions server_options(std::uint16_t port, bool behind_proxy) {
  ServerOptions options;
  options.port = port;
  options.trusted_proxies = {
      "127.0.0.1"};  // what is kept of a proxy's connection needs memory, too
  options.proxy_protocol = behind_proxy;
  options.http.max_body_size = 100;
  options.http.head_timeout = tenth;
  options.http.body_timeout = tenth;
  options.http.idle_timeout = 2 * tenth;
  options.drain_timeout = 2 * tenth;
  return options;
}

}  // namespace duplex::conformance
