// What options of permessage-deflate may be.
#pragma once

#include <optional>
#include <string>

#include "duplex/websocket/deflate_parameters.h"

namespace duplex::websocket {

// What is wrong with the options, a value with its name and its limits; or nothing. Whoever
// negotiates with them has seen to it that there is nothing.
std::optional<std::string> problem_with(const DeflateOptions& options);

}  // namespace duplex::websocket
