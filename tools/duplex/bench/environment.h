// What a result must say about the machine that it was measured on.
#pragma once

#include "render.h"

namespace duplex::tools {

Environment describe_environment();

}  // namespace duplex::tools
