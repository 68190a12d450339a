// How a WebSocket has ended, in words.
#pragma once

#include <string>

#include "duplex/endpoint/connection.h"

namespace duplex::events {

// "the WebSocket was closed: 1006, Connection reset by peer".
std::string words_of(const endpoint::CloseEvent& event);

}  // namespace duplex::events
