// The link of `duplex wire` below a bench.
#include "bench_link.h"

#include "../command.h"
#include "../wire/link_report.h"

namespace duplex::tools {
namespace {

void add(std::string& effects, bool has, const char* name) {
  if (has) effects += (effects.empty() ? "" : ", ") + std::string(name);
}

bool is_asymmetric(const wire::WireOptions& link) { return link.up.delay != link.down.delay; }

}  // namespace

std::string unpredicted_effects(const wire::WireOptions& link) {
  const auto either = [&link](auto has) { return has(link.up) || has(link.down); };
  using Link = wire::LinkOptions;
  std::string effects;
  add(effects, either([](const Link& each) { return each.jitter.count() > 0; }), "jitter");
  add(effects, either([](const Link& each) { return each.loss.share() > 0; }), "loss");
  add(effects, either([](const Link& each) { return each.rate > 0; }), "rate");
  add(effects, either([](const Link& each) { return each.reorder > 0; }), "reordering");
  add(effects, either([](const Link& each) { return each.duplicate > 0; }), "duplicates");
  add(effects, either([](const Link& each) { return !each.outages.empty(); }), "outages");
  add(effects, is_asymmetric(link), "delays that differ by direction");
  return effects;
}

std::unique_ptr<wire::Wire> start_link(const wire::WireOptions& link, BenchOptions& options) {
  options.delay = link.round_trip() / 2;
  try {
    auto started = std::make_unique<wire::Wire>(link);
    options.link =
        link.name + ": " + wire::describe(link) + ", by " + std::string(started->engine_name());
    const std::string effects = unpredicted_effects(link);
    if (!effects.empty()) options.link += "; the predictions leave out " + effects;
    return started;
  } catch (const wire::Unavailable& why) {
    complain("duplex bench: --wire: " + std::string(why.what()));
    complain("duplex bench: " + std::string(wire::relay_limits));
    return nullptr;
  }
}

}  // namespace duplex::tools
