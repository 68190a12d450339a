// What options of permessage-deflate may be.
#include "websocket/deflate_problem.h"

#include <array>
#include <string_view>

namespace duplex::websocket {
namespace {

struct OptionRange {
  std::string_view name;
  int DeflateOptions::*option;
  int min;
  int max;
};

constexpr std::array option_ranges{
    OptionRange{"level", &DeflateOptions::level, 0, 9},
    OptionRange{"max_window_bits", &DeflateOptions::max_window_bits, min_window_bits,
                max_window_bits},
    OptionRange{"peer_max_window_bits", &DeflateOptions::peer_max_window_bits, min_window_bits,
                max_window_bits}};

}  // namespace

std::optional<std::string> problem_with(const DeflateOptions& options) {
  for (const OptionRange& range : option_ranges) {
    const int value = options.*range.option;
    if (value >= range.min && value <= range.max) continue;
    return std::string(range.name) + " is " + std::to_string(value) + ", not " +
           std::to_string(range.min) + " to " + std::to_string(range.max);
  }
  return std::nullopt;
}

}  // namespace duplex::websocket
