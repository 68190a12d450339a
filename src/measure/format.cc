// Numbers as text: units chosen by size, three significant digits.
#include "measure/format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>

namespace duplex::measure {
namespace {

struct Unit {
  double size;
  std::string_view name;
};

// The largest unit that leaves at least one before the point, else the smallest.
const Unit& unit_for(double value, std::span<const Unit> units) {
  // What would be rounded up to the next unit belongs there already: 999.9 µs is 1 ms.
  const double rounded = std::abs(value) * 1.0005;
  const auto fits = [&](const Unit& unit) { return rounded >= unit.size; };
  return *std::find_if(units.begin(), units.end() - 1, fits);
}

std::string with_unit(const std::string& number, const Unit& unit) {
  return number + ' ' + std::string(unit.name);
}

}  // namespace

std::string fixed(double value, int decimals) {
  std::array<char, 400> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value,
                                 std::chars_format::fixed, decimals);
  return {text.data(), end.ptr};
}

std::string significant(double value) {
  if (value == 0 || !std::isfinite(value)) return fixed(value, 0);
  const int exponent = static_cast<int>(std::floor(std::log10(std::abs(value) * 1.0005)));
  return fixed(value, std::clamp(2 - exponent, 0, 9));
}

std::string format_duration(Seconds duration) {
  static constexpr Unit units[] = {{1, "s"}, {1e-3, "ms"}, {1e-6, "µs"}, {1e-9, "ns"}};
  if (duration.count() == 0) return "0 s";
  if (!std::isfinite(duration.count())) return fixed(duration.count(), 0) + " s";
  const Unit& unit = unit_for(duration.count(), units);
  return with_unit(significant(duration.count() / unit.size), unit);
}

std::string format_bytes(double size) {
  static constexpr Unit units[] = {{1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}, {1, "B"}};
  const Unit& unit = unit_for(size, units);
  const double number = size / unit.size;
  const bool whole = number == std::floor(number);
  return with_unit(whole ? fixed(number, 0) : significant(number), unit);
}

std::string format_ratio(double ratio) { return significant(ratio) + "×"; }

std::string format_share(double share) { return significant(share * 100) + " %"; }

std::string format_rate(double per_second) { return significant(per_second) + "/s"; }

std::string escape_markup(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '"') {
      out += "&quot;";
    } else {
      out += c;
    }
  }
  return out;
}

std::size_t display_width(std::string_view text) noexcept {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string pad_left(std::string_view text, std::size_t width) {
  const std::size_t used = std::min(display_width(text), width);
  return std::string(width - used, ' ') + std::string(text);
}

std::string pad_right(std::string_view text, std::size_t width) {
  const std::size_t used = std::min(display_width(text), width);
  return std::string(text) + std::string(width - used, ' ');
}

}  // namespace duplex::measure
