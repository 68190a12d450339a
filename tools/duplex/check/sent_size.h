// How large the messages of a script are, and what a peer with a limit may do about it. Pure.
#pragma once

#include <cstdint>

#include "script.h"

namespace duplex::tools::suite {

// The size of the largest message that the script sends, as its frames announce it or as it is
// before it is compressed.
std::uint64_t largest_message(const Script& script);

// Close 1009 is no failure when the script sends a message above the peer's limit.
void allow_limit(Script& script, std::uint64_t limit);

}  // namespace duplex::tools::suite
