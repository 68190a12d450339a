// Why a connection has closed, in words. Pure.
#pragma once

#include <string>

#include "duplex/endpoint/connection.h"

namespace duplex::tools {

// A line: the peer's words, or why there are none; may be empty.
std::string reason_of(const endpoint::CloseEvent& event);

}  // namespace duplex::tools
