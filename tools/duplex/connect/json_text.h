// JSON for people. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace duplex::tools {

// The same tokens, each member and item on a line of its own. Nothing when it is not JSON.
std::optional<std::string> indented_json(std::string_view text);

}  // namespace duplex::tools
