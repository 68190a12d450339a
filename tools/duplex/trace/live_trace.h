// Makes a connection and tells it.
#pragma once

#include <string>

#include "../exit_code.h"
#include "scripted_client.h"
#include "story.h"

namespace duplex::tools::trace {

struct LiveResult {
  Story story = {};
  std::string problem = {};  // of the connection; empty: none
  ExitCode exit = ExitCode::ok;
};

// With the server of script.url. Packets are captured where that is allowed; the story says when it
// was not, and is made of what passed through the socket instead.
LiveResult trace_url(const Script& script, std::size_t shown);

// With an echo server of our own, in a network of our own where that is allowed. Must be called
// while the process has one thread.
LiveResult trace_own_server(Script script, std::size_t shown);

}  // namespace duplex::tools::trace
