// What an experiment asserts of its figures: a line check = ... of tools/experiments/NAME.conf.
// Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "duplex/base/result.h"

namespace duplex::tools {

// A figure of an arm in a step, so many times; or a number by itself.
struct CheckTerm {
  double factor = 1;        // the number, where no metric is
  std::string metric = {};  // the name of a CheckMetric; empty: a number by itself
  std::string arm = {};     // "ws"; of a metric of storms "storm"
  std::string step = {};    // the varied option's value; empty: of each step, or the other side's
};

enum class Relation { at_most, at_least, equal };

// "bytes of lp at 64 = 9.5 x bytes of ws within 5%"
struct PresetCheck {
  std::string text = {};
  CheckTerm left = {};  // with a metric, and a factor of 1
  Relation relation = Relation::equal;
  CheckTerm right = {};
  double tolerance = 0;  // of what is equal: a share of the right side
};

inline constexpr std::size_t max_checks = 32;  // of an experiment

// Otherwise what is wrong, which names the word and what is allowed.
Result<PresetCheck, std::string> parse_check(std::string_view text);

}  // namespace duplex::tools
