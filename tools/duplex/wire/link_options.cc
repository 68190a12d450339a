// What a link does to packets, and how that is written.
#include "link_options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "../units.h"

namespace duplex::tools::wire {
namespace {

using std::chrono::nanoseconds;

// The number at the beginning of `text`, which it loses.
std::optional<double> take_number(std::string_view& text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const bool begins_well = !text.empty() && text.front() >= '0' && text.front() <= '9';
  const auto [rest, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (!begins_well || error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
  return number;
}

std::optional<double> parse_share(std::string_view text) {
  const auto number = take_number(text);
  if (!number || text != "%" || *number > 100) return std::nullopt;
  return *number / 100;
}

// "20mbit", "64kbit", "1.5gbit", "9600bit".
std::optional<std::uint64_t> parse_bit_rate(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, double>, 4> units = {
      {{"bit", 1}, {"kbit", 1e3}, {"mbit", 1e6}, {"gbit", 1e9}}};
  const auto number = take_number(text);
  if (text.ends_with("/s")) text.remove_suffix(2);
  const auto unit = std::find_if(units.begin(), units.end(),
                                 [text](const auto& each) { return each.first == text; });
  if (!number || unit == units.end()) return std::nullopt;
  const double rate = *number * unit->second;
  if (rate < 1000 || rate > 100e9) return std::nullopt;
  return static_cast<std::uint64_t>(rate);
}

// The part before the first `mark`; the text keeps what is behind it.
std::string_view take_part(std::string_view& text, char mark) {
  const std::size_t at = text.find(mark);
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return part;
}

// "500ms@10s" or "500ms@10s/30s".
std::optional<Outage> parse_outage(std::string_view text) {
  const bool repeats = text.find('/') != std::string_view::npos;
  const auto length = parse_duration(take_part(text, '@'));
  const auto start = parse_duration(take_part(text, '/'));
  const auto every = repeats ? parse_duration(text) : nanoseconds(0);
  if (!length || !start || !every || length->count() == 0) return std::nullopt;
  if (repeats && *every <= *length) return std::nullopt;
  return Outage{.start = *start, .length = *length, .every = *every};
}

// "P/R", "P/R/BAD" or "P/R/BAD/GOOD".
std::optional<LossOptions> parse_gilbert(std::string_view text) {
  LossOptions loss;
  const std::array<double*, 4> parts = {&loss.to_bad, &loss.to_good, &loss.in_bad, &loss.in_good};
  std::size_t count = 0;
  for (; !text.empty(); ++count) {
    const auto share = parse_share(take_part(text, '/'));
    if (!share || count == parts.size()) return std::nullopt;
    *parts[count] = *share;
  }
  if (count < 2 || loss.to_good == 0) return std::nullopt;
  return loss;
}

// The share of losses stays what it was, and they come in runs of `length` packets on average.
bool set_burst(LossOptions& loss, double length) {
  const double share = loss.share();
  if (share <= 0 || length < 1 || length > 10'000 || share >= length / (length + 1)) return false;
  const double to_good = 1 / length;
  loss = {.to_bad = share * to_good / (1 - share), .to_good = to_good};
  return true;
}

template <class T>
bool store(T& target, const std::optional<T>& value) {
  if (value) target = *value;
  return value.has_value();
}

bool set_shape(LinkOptions& link, std::string_view value) {
  constexpr std::array<std::string_view, 3> names = {"normal", "uniform", "pareto"};
  const auto found = std::find(names.begin(), names.end(), value);
  if (found == names.end()) return false;
  link.shape = static_cast<JitterShape>(found - names.begin());
  return true;
}

bool set_order(LinkOptions& link, std::string_view value) {
  link.keeps_order = value == "kept";
  return value == "kept" || value == "free";
}

bool set_queue(LinkOptions& link, std::string_view value) {
  if (store(link.queue_time, parse_duration(value))) {
    link.queue_bytes = 0;
    return true;
  }
  const auto size = parse_size(value);
  if (!size || *size == 0) return false;
  link.queue_bytes = *size;
  link.queue_time = nanoseconds::max();
  return true;
}

bool set_loss(LinkOptions& link, std::string_view value) {
  const auto share = parse_share(value);
  if (share) link.loss = {.in_good = *share};
  return share.has_value();
}

bool set_outage(LinkOptions& link, std::string_view value) {
  const auto outage = parse_outage(value);
  if (outage) link.outages.push_back(*outage);
  return outage.has_value();
}

bool set_burst_length(LinkOptions& link, std::string_view value) {
  const auto length = take_number(value);
  return length && value.empty() && set_burst(link.loss, *length);
}

struct Setting {
  std::string_view name;
  std::string_view expects;
  bool (*set)(LinkOptions&, std::string_view);
};

constexpr std::array settings = {
    Setting{"delay", "a duration such as 20ms",
            [](LinkOptions& link, std::string_view text) {
              return store(link.delay, parse_duration(text));
            }},
    Setting{"jitter", "a duration such as 2ms",
            [](LinkOptions& link, std::string_view text) {
              return store(link.jitter, parse_duration(text));
            }},
    Setting{"shape", "one of normal, uniform, pareto", set_shape},
    Setting{"order", "one of kept, free", set_order},
    Setting{"rate", "a rate from 1kbit to 100gbit, such as 20mbit",
            [](LinkOptions& link, std::string_view text) {
              return store(link.rate, parse_bit_rate(text));
            }},
    Setting{"queue", "a duration such as 100ms, or a size such as 64KiB", set_queue},
    Setting{"loss", "a share such as 0.5%", set_loss},
    Setting{"burst", "a mean run of lost packets from 1 to 10000, behind a loss that it can carry",
            set_burst_length},
    Setting{"gilbert", "of the form P/R, P/R/BAD or P/R/BAD/GOOD, as 1%/20%/100%/0%",
            [](LinkOptions& link, std::string_view text) {
              return store(link.loss, parse_gilbert(text));
            }},
    Setting{"reorder", "a share such as 1%",
            [](LinkOptions& link, std::string_view text) {
              return store(link.reorder, parse_share(text));
            }},
    Setting{"reorder-by", "a duration such as 5ms",
            [](LinkOptions& link, std::string_view text) {
              return store(link.reorder_by, parse_duration(text));
            }},
    Setting{"duplicate", "a share such as 1%",
            [](LinkOptions& link, std::string_view text) {
              return store(link.duplicate, parse_share(text));
            }},
    Setting{"outage", "of the form LENGTH@START or LENGTH@START/EVERY, as 500ms@10s", set_outage},
};

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

std::string setting_names() {
  std::string names;
  for (const Setting& setting : settings) {
    names += (names.empty() ? "" : ", ") + std::string(setting.name);
  }
  return names;
}

// One "name=value".
std::string set_one(LinkOptions& link, std::string_view setting) {
  std::string_view value = setting;
  const std::string_view name = take_part(value, '=');
  if (name.size() < setting.size()) return set(link, name, value);
  return quoted(setting) + " is neither a profile (" + profile_names() +
         ") nor of the form name=value";
}

// The same for whom its prefix says.
std::string set_directed(WireOptions& wire, std::string_view setting) {
  const bool up = setting.starts_with("up.");
  const bool down = setting.starts_with("down.");
  if (up || down) setting.remove_prefix(up ? 3 : 5);
  std::string problem;
  if (!down) problem = set_one(wire.up, setting);
  if (!up && problem.empty()) problem = set_one(wire.down, setting);
  return problem;
}

}  // namespace

double LossOptions::share() const noexcept {
  const double bad = to_bad == 0 ? 0 : to_bad / (to_bad + to_good);
  return bad * in_bad + (1 - bad) * in_good;
}

bool Outage::covers(std::chrono::nanoseconds time) const noexcept {
  if (time < start) return false;
  const nanoseconds since = every.count() > 0 ? (time - start) % every : time - start;
  return since < length;
}

const std::vector<SettingForm>& setting_forms() {
  static const std::vector<SettingForm> forms = [] {
    std::vector<SettingForm> each;
    for (const Setting& setting : settings) each.push_back({setting.name, setting.expects});
    return each;
  }();
  return forms;
}

std::string set(LinkOptions& link, std::string_view name, std::string_view value) {
  const auto found = std::find_if(settings.begin(), settings.end(),
                                  [name](const Setting& each) { return each.name == name; });
  if (found == settings.end()) {
    return quoted(name) + " is not a setting of a link; there are " + setting_names();
  }
  if (found->set(link, value)) return {};
  return std::string(name) + ": " + quoted(value) + " is not " + std::string(found->expects);
}

std::string set_all(LinkOptions& link, std::string_view text) {
  std::string problem;
  while (!text.empty() && problem.empty()) problem = set_one(link, take_part(text, ','));
  return problem;
}

std::string set_wire(WireOptions& wire, std::string_view text) {
  while (!text.empty()) {
    const std::string_view part = take_part(text, ',');
    if (const Profile* const profile = find_profile(part)) {
      wire.name = profile->name;
      wire.up = wire.down = {};
      set_all(wire.up, profile->settings);
      set_all(wire.down, profile->settings);
      continue;
    }
    if (std::string problem = set_directed(wire, part); !problem.empty()) return problem;
    if (find_profile(wire.name) != nullptr) wire.name += ", changed";
  }
  return {};
}

}  // namespace duplex::tools::wire
