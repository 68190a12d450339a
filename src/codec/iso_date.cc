// Instants as JavaScript writes them.
#include "codec/iso_date.h"

#include <array>
#include <chrono>
#include <cstdio>

namespace duplex::codec {

std::optional<std::string> iso_date(std::int64_t seconds, std::uint64_t nanoseconds) {
  using namespace std::chrono;
  constexpr std::int64_t most = 8'640'000'000'000;  // 10^8 days
  const bool is_last = seconds == most && nanoseconds == 0;
  if (seconds < -most || (seconds >= most && !is_last) || nanoseconds >= 1'000'000'000) return {};
  const sys_seconds instant{std::chrono::seconds(seconds)};
  const auto day = floor<days>(instant);
  const hh_mm_ss time(instant - day);
  // The calendar repeats every 400 years; std::chrono's ends with the year 32767.
  constexpr days cycle(146'097);
  const auto cycles = floor<duration<int, std::ratio_multiply<days::period, std::ratio<146'097>>>>(
      day.time_since_epoch());
  const year_month_day date(day - cycles.count() * cycle);
  const int year = static_cast<int>(date.year()) + 400 * cycles.count();
  std::array<char, 40> text;
  const int size = std::snprintf(
      text.data(), text.size(),
      year < 0 || year > 9999 ? "%+07d-%02u-%02uT%02d:%02d:%02d.%03dZ"
                              : "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
      year, static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
      static_cast<int>(time.seconds().count()), static_cast<int>(nanoseconds / 1'000'000));
  return std::string(text.data(), static_cast<std::size_t>(size));
}

}  // namespace duplex::codec
