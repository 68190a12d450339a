// The time stamps of HTTP: RFC 9110 section 5.6.7. The clock is an argument.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace duplex::http {

using Seconds = std::chrono::sys_seconds;

// "Sun, 06 Nov 1994 08:49:37 GMT". Years 0 to 9999.
std::string http_date(Seconds time);

// IMF-fixdate and the two obsolete forms; nothing when the text is none of these or names a day
// that the calendar has not. `now` settles the century of two-digit years.
std::optional<Seconds> parse_http_date(std::string_view text, Seconds now) noexcept;

}  // namespace duplex::http
