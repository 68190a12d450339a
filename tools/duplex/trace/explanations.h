// What a beginner wants to know of each kind of line: the text of --explain. Pure.
#pragma once

#include <string>
#include <string_view>

namespace duplex::tools::trace {

// For the name of a line ("SYN"); empty when there is nothing to add.
std::string explanation_of(std::string_view name);

}  // namespace duplex::tools::trace
