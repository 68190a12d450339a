// Ids that nobody can guess.
#pragma once

#include <string>

#include "duplex/net/kernel.h"

namespace duplex::events {

// 20 characters, 120 random bits. Throws std::system_error when there is no randomness.
std::string new_id(net::Kernel& kernel);

}  // namespace duplex::events
