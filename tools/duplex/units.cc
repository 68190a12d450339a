// Numbers with units on the command line.
#include "units.h"

#include <array>
#include <charconv>
#include <cmath>
#include <span>
#include <utility>

namespace duplex::tools {
namespace {

struct Unit {
  std::string_view name;
  double factor = 1;
};

struct Quantity {
  double number = 0;
  std::string_view unit;
};

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_without_case(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

// A number that starts with a digit: no sign, no "inf", no hexadecimal.
std::optional<Quantity> split(std::string_view text) noexcept {
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  Quantity quantity;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), quantity.number,
                                            std::chars_format::fixed);
  if (error != std::errc()) return std::nullopt;
  quantity.unit = text.substr(static_cast<std::size_t>(end - text.data()));
  return quantity;
}

std::optional<double> parse_with(std::string_view text, std::span<const Unit> units) noexcept {
  const auto quantity = split(text);
  if (!quantity) return std::nullopt;
  for (const Unit& unit : units) {
    if (same_without_case(unit.name, quantity->unit)) return quantity->number * unit.factor;
  }
  return std::nullopt;
}

// A whole number that fits, or nothing: "1.0001k" is a slip of the finger, not a count.
std::optional<std::uint64_t> whole(std::optional<double> value) noexcept {
  constexpr double limit = 9007199254740992.0;  // 2^53: exact in a double
  if (!value || *value > limit || std::floor(*value) != *value) return std::nullopt;
  return static_cast<std::uint64_t>(*value);
}

constexpr std::array<Unit, 7> duration_units = {
    {{"ns", 1}, {"us", 1e3}, {"µs", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}}};
constexpr std::array<Unit, 4> count_units = {{{"", 1}, {"k", 1e3}, {"m", 1e6}, {"g", 1e9}}};
constexpr std::array<Unit, 5> rate_units = {
    {{"/s", 1}, {"hz", 1}, {"", 1}, {"/m", 1.0 / 60}, {"k/s", 1e3}}};
constexpr std::array<Unit, 8> size_units = {{{"", 1},
                                             {"B", 1},
                                             {"KiB", 1024},
                                             {"MiB", 1048576},
                                             {"GiB", 1073741824},
                                             {"kB", 1e3},
                                             {"MB", 1e6},
                                             {"GB", 1e9}}};

}  // namespace

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) noexcept {
  if (text == "0") return std::chrono::nanoseconds(0);
  const auto value = parse_with(text, duration_units);
  if (!value || *value > 1000 * 3600e9) return std::nullopt;
  return std::chrono::nanoseconds(std::llround(*value));
}

std::optional<std::uint64_t> parse_count(std::string_view text) noexcept {
  return whole(parse_with(text, count_units));
}

bool is_rate(double per_second) noexcept { return per_second >= 0.001 && per_second <= 1e6; }

std::optional<double> parse_rate(std::string_view text) noexcept {
  const auto value = parse_with(text, rate_units);
  return value && is_rate(*value) ? value : std::nullopt;
}

std::optional<std::uint64_t> parse_size(std::string_view text) noexcept {
  return whole(parse_with(text, size_units));
}

std::string spell_duration(std::chrono::nanoseconds duration) {
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 4> units = {
      {{"s", 1'000'000'000}, {"ms", 1'000'000}, {"us", 1'000}, {"ns", 1}}};
  for (const auto& [name, factor] : units) {
    if (duration.count() % factor == 0) {
      return std::to_string(duration.count() / factor) + std::string(name);
    }
  }
  return "0";
}

std::string spell_size(std::uint64_t size) {
  constexpr std::array<std::pair<std::string_view, std::uint64_t>, 3> units = {
      {{"GiB", 1U << 30}, {"MiB", 1U << 20}, {"KiB", 1U << 10}}};
  for (const auto& [name, factor] : units) {
    if (size != 0 && size % factor == 0) return std::to_string(size / factor) + std::string(name);
  }
  return std::to_string(size);
}

}  // namespace duplex::tools
