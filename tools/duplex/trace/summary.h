// The seven layers of the OSI model, and what was real of each: the end of a story. Pure.
#pragma once

#include <cstdint>

#include "application_narrator.h"
#include "segment_narrator.h"
#include "story.h"

namespace duplex::tools::trace {

// What the summary is made of. Null: nothing was captured at that layer.
struct SummaryInput {
  const SegmentNarrator* segments = nullptr;
  const ApplicationNarrator* application = nullptr;
  const Packet* first_packet = nullptr;
  std::size_t packets = 0;      // how many, told or not
  std::uint64_t wire_size = 0;  // bytes of all packets
};

// Fills story.layers and story.totals.
void summarize(Story& story, const SummaryInput& input);

}  // namespace duplex::tools::trace
