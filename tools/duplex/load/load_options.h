// What `duplex load` shall do.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace duplex::tools {

// An opening that takes longer has failed.
inline constexpr std::chrono::seconds opening_patience(30);

struct LoadOptions {
  std::string url = {};
  std::size_t connections = 64;    // of one process, once they have been shared out
  double connect_rate = 0;         // openings per second; 0: all at once
  double message_rate = 0;         // per second, on intended instants; 0: a closed loop
  std::size_t outstanding = 1;     // closed loop: messages under way on each connection
  std::size_t message_size = 125;  // bytes
  bool binary = false;
  bool deflate = false;                 // permessage-deflate is offered
  bool hold = false;                    // nothing is sent; a ping at the end
  bool feed = false;                    // the same; events of /feed/ws are counted
  std::size_t messages_per_visit = 0;   // then the connection closes and a new one opens; 0: none
  double stalled_share = 0;             // of the connections: they send, and never read
  std::size_t storms = 0;               // times that all connections are reset at once
  std::chrono::nanoseconds duration{};  // from the moment that all are open
  std::chrono::nanoseconds patience{};  // for what is still under way at the end
};

}  // namespace duplex::tools
