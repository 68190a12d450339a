// What a race is told before it begins: its name, and what theory predicts of each lane. Pure.
#pragma once

#include <string>

#include "race_options.h"

namespace duplex::tools::lab {

// JSON: {"query": ..., "poll": ms, "lanes": {"ws": {"mean": ms, ...}, ...}}. Times in milliseconds.
std::string plan_json(const RaceOptions& race);

}  // namespace duplex::tools::lab
