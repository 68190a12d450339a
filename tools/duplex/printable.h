// What others say, for a terminal. Pure.
#pragma once

#include <string>
#include <string_view>

namespace duplex::tools {

// Control characters but the end of a line and the tab, and what is not UTF-8, as \xNN. Nothing
// moves the cursor or changes the window's title.
std::string printable(std::string_view text);

// The same for what stands within one line: its ends and tabs are escaped, too (\n, \t), so that it
// cannot pass for a line of ours.
std::string one_line(std::string_view text);

}  // namespace duplex::tools
