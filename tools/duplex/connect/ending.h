// How a conversation ended, in words and as an exit code. Pure.
#pragma once

#include <string>
#include <string_view>

#include "../exit_code.h"
#include "duplex/endpoint/connection.h"

namespace duplex::tools {

// 1000, 1001 and 1005 are how conversations end; from 3000 on the application has its own words.
ExitCode exit_code_for(const endpoint::CloseEvent& event);
std::string describe(const endpoint::CloseEvent& event);  // "closed with 1001 (restart)"
// What a Close frame carries: the code in two bytes, the high one first, and then the reason. Also
// for 1005 and 1006, which no frame has.
std::string close_payload(websocket::CloseCode code, std::string_view reason);
// The same, of the Close with which we have answered a rule that was broken; empty: with none.
std::string close_answered(const endpoint::CloseEvent& event);

}  // namespace duplex::tools
