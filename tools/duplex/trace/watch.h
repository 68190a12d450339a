// Watches somebody else's connection.
#pragma once

#include <functional>
#include <string>

#include "narrator.h"

namespace duplex::tools::trace {

struct Watch {
  std::uint16_t port = 0;  // of the server
  std::string interface = "lo";
  NarratorOptions narrator = {};
  // For each packet of the connection, with what is known of the whole.
  std::function<void(const Story&, const Step&)> on_step = {};
};

struct WatchResult {
  Story story = {};
  bool interrupted = false;  // by SIGINT or SIGTERM, before the connection ended
};

// Until the connection has ended, or a signal comes. Throws std::system_error: EPERM where
// capturing is not allowed.
WatchResult watch(const Watch& order);

}  // namespace duplex::tools::trace
