// Whether a WebSocket can be opened with what was typed. Pure.
#pragma once

#include <string>
#include <string_view>

#include "duplex/endpoint/client.h"

namespace duplex::tools {

// What is wrong with the URL or an option, which it names; empty when nothing is.
std::string opening_problem(std::string_view url, const endpoint::ConnectOptions& options);

}  // namespace duplex::tools
