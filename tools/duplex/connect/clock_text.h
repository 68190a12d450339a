// Instants as people and programs read them. Pure, but for the time zone.
#pragma once

#include <chrono>
#include <string>

namespace duplex::tools {

using WallTime = std::chrono::system_clock::time_point;

std::string time_of_day(WallTime time);  // "09:30:00.123456", where we are
std::string utc_text(WallTime time);     // "2026-11-22T09:30:00.123456Z", RFC 3339

}  // namespace duplex::tools
