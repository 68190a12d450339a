// Named links, and links in words.
#include <algorithm>

#include "../units.h"
#include "link_options.h"
#include "measure/format.h"

namespace duplex::tools::wire {
namespace {

std::string format_bit_rate(std::uint64_t rate) {
  const auto bits = static_cast<double>(rate);
  if (rate >= 1'000'000'000) return measure::significant(bits / 1e9) + " Gbit/s";
  if (rate >= 1'000'000) return measure::significant(bits / 1e6) + " Mbit/s";
  return measure::significant(bits / 1e3) + " kbit/s";
}

std::string describe_queue(const LinkOptions& link) {
  std::string text = ", " + format_bit_rate(link.rate) + " behind a queue of ";
  if (link.queue_bytes > 0) {
    return text + measure::format_bytes(static_cast<double>(link.queue_bytes));
  }
  return text + spell_duration(link.queue_time);
}

std::string describe_loss(const LossOptions& loss) {
  if (loss.share() == 0) return {};
  std::string text = ", loss " + measure::format_share(loss.share());
  if (loss.to_bad > 0) {
    text += " in bad spells of " + measure::significant(1 / loss.to_good) + " packets";
  }
  return text;
}

std::string describe_rest(const LinkOptions& link) {
  std::string text;
  if (link.reorder > 0) {
    text += ", " + measure::format_share(link.reorder) + " held back by " +
            spell_duration(link.reorder_by);
  }
  if (link.duplicate > 0) text += ", " + measure::format_share(link.duplicate) + " doubled";
  for (const Outage& outage : link.outages) {
    text += ", down for " + spell_duration(outage.length) + " from " +
            spell_duration(outage.start) + " on";
    if (outage.every.count() > 0) text += ", every " + spell_duration(outage.every);
  }
  return text;
}

}  // namespace

const std::vector<Profile>& profiles() {
  static const std::vector<Profile> all = {
      {"loopback", "", "no delay but the emulator's own"},
      {"lan", "delay=500us", "the next room"},
      {"metro", "delay=5ms", "the same city"},
      {"home", "delay=20ms,jitter=2ms", "a home line to a server on the same continent"},
      {"mobile", "delay=60ms,jitter=20ms,loss=0.5%", "a telephone on the move"},
      {"bad-mobile", "delay=150ms,jitter=60ms,loss=2%", "a telephone in a lift"},
      {"intercontinental", "delay=150ms", "the other side of the world"},
      {"satellite", "delay=300ms", "over a geostationary satellite"},
  };
  return all;
}

const Profile* find_profile(std::string_view name) noexcept {
  const auto& all = profiles();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [name](const Profile& each) { return each.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::string profile_names() {
  std::string names;
  for (const Profile& profile : profiles()) {
    names += (names.empty() ? "" : ", ") + std::string(profile.name);
  }
  return names;
}

std::string describe(const LinkOptions& link) {
  std::string text = spell_duration(link.delay);
  if (link.jitter.count() > 0) text += " ± " + spell_duration(link.jitter);
  if (!link.keeps_order) text += " out of order";
  if (link.rate > 0) text += describe_queue(link);
  return text + describe_loss(link.loss) + describe_rest(link);
}

std::string describe(const WireOptions& wire) {
  const std::string up = describe(wire.up);
  const std::string down = describe(wire.down);
  if (up == down) return up + " each way";
  return "up " + up + "; down " + down;
}

}  // namespace duplex::tools::wire
