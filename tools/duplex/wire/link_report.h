// What a link did, for people and for programs. Pure.
#pragma once

#include <string>
#include <string_view>

#include "emulator.h"
#include "link_options.h"
#include "measure/json_writer.h"

namespace duplex::tools::wire {

struct LinkReport {
  WireOptions options = {};
  std::string engine = {};
  const WireCounters* counters = nullptr;
};

std::string render_text(const LinkReport& report);
std::string render_json(const LinkReport& report);
// The options and counters as members of an object that is open.
void write_members(measure::JsonWriter& json, const LinkReport& report);

// What a relay of bytes cannot show.
inline constexpr std::string_view relay_limits =
    "a relay holds back bytes, half of the round trip each way: TCP's handshake and "
    "acknowledgements stay local, and jitter, rate, loss, reordering and outages are left out";

}  // namespace duplex::tools::wire
