// A run of the bench as it was measured.
#include "run.h"

#include "../units.h"
#include "measure/format.h"

namespace duplex::tools {

std::map<std::string, std::string> conditions_of(const BenchOptions& options) {
  return {{"--server", options.server.empty() ? "one of its own" : options.server},
          {"--wire", options.link.empty() ? "none" : options.link},
          {"--delay", spell_duration(options.delay)},
          {"--rate", measure::fixed(options.rate, 6)},
          {"--dist", options.poisson ? "poisson" : "periodic"},
          {"--poll", spell_duration(options.poll_interval)},
          {"--poll-clock", options.poll_clock},
          {"--size", std::to_string(options.event_size)},
          {"--content", options.content},
          {"--heads", std::to_string(options.heads)},
          {"--coalesce", spell_duration(options.coalesce)},
          {"--chaos", options.chaos.empty() ? "none" : options.chaos},
          {"--wait", options.wait},
          {"--place", options.place},
          {"--order", options.order},
          {"--clients", std::to_string(options.clients)}};
}

}  // namespace duplex::tools
