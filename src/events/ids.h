// Ids that nobody can guess.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "duplex/net/kernel.h"

namespace duplex::events {

// 20 characters, 120 random bits; with a loop's number, 104 and that (see SessionLoops). Throws
// std::system_error when there is no randomness.
std::string new_id(net::Kernel& kernel, std::optional<std::uint16_t> loop = {});

}  // namespace duplex::events
