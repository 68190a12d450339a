// Instants as text.
#include "clock_text.h"

#include <array>
#include <ctime>

namespace duplex::tools {
namespace {

// Floored: before the epoch, too, microseconds count upwards.
std::time_t seconds_of(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

std::string microseconds_of(WallTime time) {
  const auto rest = time - std::chrono::floor<std::chrono::seconds>(time);
  const auto count = std::chrono::duration_cast<std::chrono::microseconds>(rest).count();
  return '.' + std::to_string(1'000'000 + count).substr(1);
}

}  // namespace

std::string time_of_day(WallTime time) {
  const std::time_t seconds = seconds_of(time);
  std::tm parts = {};
  localtime_r(&seconds, &parts);
  std::array<char, 16> text = {};
  const std::size_t size = std::strftime(text.data(), text.size(), "%H:%M:%S", &parts);
  return std::string(text.data(), size) + microseconds_of(time);
}

std::string utc_text(WallTime time) {
  const std::time_t seconds = seconds_of(time);
  std::tm parts = {};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text = {};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  return std::string(text.data(), size) + microseconds_of(time) + 'Z';
}

}  // namespace duplex::tools
