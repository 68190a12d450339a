// What a link did, for people and for programs. Pure.
#pragma once

#include <string>
#include <string_view>

#include "../bench/relay_counters.h"
#include "emulator.h"
#include "link_options.h"
#include "measure/json_writer.h"

namespace duplex::tools::wire {

struct LinkReport {
  WireOptions options = {};
  std::string engine = {};
  const WireCounters* counters = nullptr;
};

// What a relay did instead. Of packets it knows nothing, and says so.
struct RelayReport {
  WireOptions options = {};
  std::chrono::nanoseconds delay{0};  // one way, which it held bytes back
  RelayCounters counters = {};
};

std::string render_text(const LinkReport& report);
std::string render_text(const RelayReport& report);
std::string render_json(const LinkReport& report);
std::string render_json(const RelayReport& report);
// The options and counters as members of an object that is open.
void write_members(measure::JsonWriter& json, const LinkReport& report);

// What a relay of bytes cannot show.
inline constexpr std::string_view relay_limits =
    "a relay holds back bytes, half of the round trip each way: TCP's handshake and "
    "acknowledgements stay local, and jitter, rate, loss, reordering and outages are left out";

}  // namespace duplex::tools::wire
