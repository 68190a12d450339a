// How a conversation ended, in words and as an exit code. Pure.
#pragma once

#include <string>

#include "../exit_code.h"
#include "duplex/endpoint/connection.h"

namespace duplex::tools {

// 1000, 1001 and 1005 are how conversations end; from 3000 on the application has its own words.
ExitCode exit_code_for(const endpoint::CloseEvent& event);
std::string describe(const endpoint::CloseEvent& event);  // "closed with 1001 (restart)"

}  // namespace duplex::tools
