// What a packet says at layers 2 and 3. Pure.
#pragma once

#include "story.h"

namespace duplex::tools::trace {

Line link_line(const Packet& packet);
Line network_line(const Packet& packet);

}  // namespace duplex::tools::trace
