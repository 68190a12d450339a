// Numbers with units on the command line: durations, counts, rates, sizes. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace duplex::tools {

// "250ms", "1.5s", "2m", "1h", "20us", "5ns"; a bare "0" needs no unit. At most 1000h: sums
// of a few thousand of them fit into nanoseconds.
std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) noexcept;
// "250", "10k", "1.5m": thousands and millions.
std::optional<std::uint64_t> parse_count(std::string_view text) noexcept;
// "4/s", "20k/s", "100hz", "30/m", or "4" for 4/s. Per second, from 0.001 to 1000000: the gaps
// between events are whole nanoseconds, and a loop has to get round to each of them.
std::optional<double> parse_rate(std::string_view text) noexcept;
bool is_rate(double per_second) noexcept;  // within these limits
// "512", "512B", "64KiB", "16MiB", "1GiB", "10kB", "2MB". Bytes.
std::optional<std::uint64_t> parse_size(std::string_view text) noexcept;

// As short as it can be while parse_duration reads it back: "250ms", "2s".
std::string spell_duration(std::chrono::nanoseconds duration);
// The same for parse_size: "64KiB", "16MiB", "500".
std::string spell_size(std::uint64_t size);

}  // namespace duplex::tools
