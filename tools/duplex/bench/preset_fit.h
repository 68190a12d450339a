// What a user asks of an experiment beside its name. Pure.
#pragma once

#include <string>

#include "../command.h"
#include "preset.h"

namespace duplex::tools {

// `arguments`: all of the command line, which can be parsed. They come after the preset's in each
// step and win, and no step may say otherwise: a value for what the preset varies takes the place
// of all of its values, and a link the place of a delay. What is wrong with them, or nothing.
std::string fit(Preset& preset, Arguments arguments);

}  // namespace duplex::tools
