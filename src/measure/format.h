// Numbers as text, always with their unit, and the same under every locale.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace duplex::measure {

using Seconds = std::chrono::duration<double>;  // the unit of models and statistics

std::string fixed(double value, int decimals);  // "3.140"; "inf", "nan"
// Three significant digits and no exponent: "0.0123", "20.3", "1240".
std::string significant(double value);

std::string format_duration(Seconds duration);  // "145 µs", "20.3 ms", "1.24 s", "0 s"
std::string format_bytes(double size);          // "495 B", "64 KiB", "1.50 MiB"
std::string format_ratio(double ratio);         // "1.98×"
std::string format_share(double share);         // 0.125 is "12.5 %"
std::string format_rate(double per_second);     // "9.34/s"

// '<', '>', '&' and '"' as HTML and SVG want them.
std::string escape_markup(std::string_view text);

// Width on a terminal: code points of UTF-8, each one column.
std::size_t display_width(std::string_view text) noexcept;
// Fills up with spaces to `width` columns; longer text stays whole.
std::string pad_left(std::string_view text, std::size_t width);
std::string pad_right(std::string_view text, std::size_t width);

}  // namespace duplex::measure
