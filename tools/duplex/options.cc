// A small argument parser.
#include "options.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "units.h"

namespace duplex::tools {
namespace {

using Kind = ParseOutcome::Kind;

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

// "--name=VALUE", "-nVALUE", or a bare "--name" or "-n", whose value is the next word.
struct OptionWord {
  std::string_view name;
  std::optional<std::string_view> value;
};

OptionWord split(std::string_view word) noexcept {
  if (!word.starts_with("--")) {
    if (word.size() == 2) return {word, std::nullopt};
    return {word.substr(0, 2), word.substr(2)};
  }
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos) return {word, std::nullopt};
  return {word.substr(0, equals), word.substr(equals + 1)};
}

// Calls `visit` with each part of "a, b, c" or "a,b,c".
template <class Visit>
void for_each_part(std::string_view list, Visit visit) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view part = list.substr(0, comma);
    while (part.starts_with(' ')) part.remove_prefix(1);
    if (!part.empty()) visit(part);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
}

bool has_empty_part(std::string_view list) {
  const auto is_empty = [](std::string_view part) {
    return part.find_first_not_of(' ') == std::string_view::npos;
  };
  for (std::size_t at = 0; (at = list.find(',')) != std::string_view::npos;) {
    if (is_empty(list.substr(0, at))) return true;
    list.remove_prefix(at + 1);
  }
  return is_empty(list);
}

bool has_name(std::string_view names, std::string_view name) {
  bool found = false;
  for_each_part(names, [&](std::string_view part) { found = found || part == name; });
  return found;
}

// How many slips of a finger turn one word into the other: a letter too much, too little or wrong,
// or two neighbours exchanged (Damerau and Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before.swap(above);
    above = std::exchange(row, std::vector<std::size_t>(b.size() + 1, i));
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, substituted});
      const bool exchanged = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (exchanged) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

// The slips that a word still is a mistake for another one with: one, and two in a long word. With
// more, half of a short word may be different.
std::size_t most_slips(std::string_view name) noexcept {
  const std::size_t first = name.find_first_not_of('-');
  const std::size_t letters = first == std::string_view::npos ? 0 : name.size() - first;
  return letters < 6 ? 1 : 2;
}

template <class T>
bool store(T& target, const std::optional<T>& value) {
  if (value) target = *value;
  return value.has_value();
}

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += between;
    text += word;
  }
  return text;
}

}  // namespace

OptionParser::OptionParser(std::string command, std::string summary, std::string examples)
    : command_(std::move(command)), summary_(std::move(summary)), examples_(std::move(examples)) {}

OptionParser& OptionParser::add(Option option) {
  option.hidden = hiding_;
  options_.push_back(std::move(option));
  return *this;
}

OptionParser& OptionParser::hidden(bool hide) {
  hiding_ = hide;
  return *this;
}

OptionParser& OptionParser::heading(std::string title) {
  return add({.names = std::move(title), .is_heading = true});
}

OptionParser& OptionParser::flag(std::string_view names, bool& target, std::string help) {
  return add({.names = std::string(names), .help = std::move(help), .take = [&target](auto) {
                return target = true;
              }});
}

OptionParser& OptionParser::text(std::string_view names, std::string value_name,
                                 std::string& target, std::string help) {
  return add({.names = std::string(names),
              .value_name = std::move(value_name),
              .expects = "a text of at least one letter",
              .help = std::move(help),
              .take = [&target](std::string_view value) {
                target = value;
                return !value.empty();
              }});
}

OptionParser& OptionParser::texts(std::string_view names, std::string value_name,
                                  std::vector<std::string>& target, std::string help) {
  return add({.names = std::string(names),
              .value_name = std::move(value_name),
              .expects = "a text of at least one letter",
              .help = std::move(help),
              .take = [&target](std::string_view value) {
                target.emplace_back(value);
                return !value.empty();
              }});
}

OptionParser& OptionParser::list(std::string_view names, std::string value_name,
                                 std::vector<std::string>& target, std::string help) {
  return add({.names = std::string(names),
              .value_name = std::move(value_name),
              .expects = "a list such as a,b,c",
              .help = std::move(help),
              .take = [&target](std::string_view value) {
                target.clear();
                for_each_part(value, [&](std::string_view part) { target.emplace_back(part); });
                return !has_empty_part(value);
              }});
}

OptionParser& OptionParser::choice(std::string_view names, std::vector<std::string> allowed,
                                   std::string& target, std::string help) {
  std::string value_name = joined(allowed, "|");
  return add({.names = std::string(names),
              .value_name = value_name,
              .expects = "one of " + joined(allowed, ", "),
              .help = std::move(help),
              .take = [&target, allowed = std::move(allowed)](std::string_view value) {
                target = value;
                return std::find(allowed.begin(), allowed.end(), value) != allowed.end();
              }});
}

OptionParser& OptionParser::count(std::string_view names, std::uint64_t& target, std::uint64_t min,
                                  std::uint64_t max, std::string help) {
  return add({.names = std::string(names),
              .value_name = "N",
              .expects = "a whole number from " + std::to_string(min) + " to " +
                         std::to_string(max) + (max >= 1000 ? " (10k is 10000)" : ""),
              .help = std::move(help),
              .take = [&target, min, max](std::string_view value) {
                return store(target, parse_count(value)) && target >= min && target <= max;
              }});
}

OptionParser& OptionParser::duration(std::string_view names, std::chrono::nanoseconds& target,
                                     std::string help) {
  return add(
      {.names = std::string(names),
       .value_name = "TIME",
       .expects = "a duration of at most 1000h with its unit, such as 250us, 20ms, 2s or 1m",
       .help = std::move(help),
       .take = [&target](std::string_view value) { return store(target, parse_duration(value)); }});
}

OptionParser& OptionParser::rate(std::string_view names, double& target, std::string help) {
  return add(
      {.names = std::string(names),
       .value_name = "RATE",
       .expects = "a rate from 0.001/s to 1000000/s, such as 4/s, 100hz or 30/m",
       .help = std::move(help),
       .take = [&target](std::string_view value) { return store(target, parse_rate(value)); }});
}

OptionParser& OptionParser::size(std::string_view names, std::uint64_t& target, std::uint64_t min,
                                 std::uint64_t max, std::string help) {
  return add({.names = std::string(names),
              .value_name = "SIZE",
              .expects = "a size in bytes from " + spell_size(min) + " to " + spell_size(max) +
                         ", such as 512 or 64KiB",
              .help = std::move(help),
              .take = [&target, min, max](std::string_view value) {
                return store(target, parse_size(value)) && target >= min && target <= max;
              }});
}

OptionParser& OptionParser::positional(std::string value_name, std::string& target, bool optional,
                                       std::string help) {
  positionals_.push_back({.value_name = std::move(value_name),
                          .help = std::move(help),
                          .optional = optional,
                          .target = &target});
  return *this;
}

OptionParser& OptionParser::positionals(std::string value_name, std::vector<std::string>& target,
                                        std::string help) {
  positionals_.push_back(
      {.value_name = std::move(value_name), .help = std::move(help), .list = &target});
  return *this;
}

const OptionParser::Option* OptionParser::find(std::string_view name) const noexcept {
  const auto found = std::find_if(options_.begin(), options_.end(), [name](const Option& option) {
    return !option.is_heading && has_name(option.names, name);
  });
  return found == options_.end() ? nullptr : &*found;
}

std::optional<std::string> OptionParser::given(std::string_view name) const {
  const Option* const option = find(name);
  if (option == nullptr) return std::nullopt;
  const auto found = given_.find(option->names);
  if (found == given_.end()) return std::nullopt;
  return found->second;
}

ParseOutcome OptionParser::refuse(std::string message) const {
  return {.kind = Kind::error, .message = command_ + ": " + std::move(message)};
}

ParseOutcome OptionParser::unknown(std::string_view name) const {
  std::string message = "unknown option " + quoted(name);
  std::string_view nearest;
  std::size_t best = most_slips(name) + 1;
  for (const Option& option : options_) {
    if (option.hidden || option.is_heading) continue;
    for_each_part(option.names, [&](std::string_view candidate) {
      const std::size_t changes = distance(name, candidate);
      if (changes >= best || candidate.size() <= 2) return;
      best = changes;
      nearest = candidate;
    });
  }
  if (!nearest.empty()) message += "; did you mean " + quoted(nearest) + "?";
  return refuse(message + "; '" + command_ + " --help' lists them");
}

ParseOutcome OptionParser::take_option(std::span<const std::string_view> arguments,
                                       std::size_t& index) {
  auto [name, value] = split(arguments[index]);
  const Option* option = find(name);
  if (option == nullptr) return unknown(name);
  if (option->value_name.empty()) {
    if (value) return refuse(std::string(name) + " takes no value");
  } else if (!value) {
    if (++index == arguments.size()) {
      return refuse(std::string(name) + " needs a value: " + option->expects);
    }
    value = arguments[index];
  }
  const std::string_view given = value.value_or(std::string_view());
  given_.insert_or_assign(option->names, given);
  if (option->take(given)) return {};
  return refuse(std::string(name) + ": " + quoted(given) + " is not " + option->expects);
}

ParseOutcome OptionParser::take_positional(std::string_view word, std::size_t& count) const {
  if (count > 0 && positionals_[count - 1].list != nullptr) {
    positionals_[count - 1].list->emplace_back(word);
    return {};
  }
  if (count == positionals_.size()) {
    return refuse("unexpected argument " + quoted(word) + "; '" + command_ +
                  " --help' shows what it takes");
  }
  const Positional& taken = positionals_[count++];
  if (taken.list != nullptr) {
    taken.list->emplace_back(word);
  } else {
    *taken.target = word;
  }
  return {};
}

ParseOutcome OptionParser::parse(std::span<const std::string_view> arguments) {
  std::size_t positional_count = 0;
  bool options_ended = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view word = arguments[i];
    ParseOutcome outcome;
    if (!options_ended && word == "--") {
      options_ended = true;
    } else if (!options_ended && (word == "--help" || word == "-h")) {
      return {.kind = Kind::help};
    } else if (!options_ended && word.size() > 1 && word.starts_with('-')) {
      outcome = take_option(arguments, i);
    } else {
      outcome = take_positional(word, positional_count);
    }
    if (outcome.kind != Kind::run) return outcome;
  }
  if (positional_count < positionals_.size() && !positionals_[positional_count].optional) {
    const Positional& missing = positionals_[positional_count];
    return refuse(missing.value_name + " is missing: " + missing.help);
  }
  return {};
}

std::string first_broken(std::initializer_list<OptionRule> rules) {
  const auto* const first =
      std::find_if(rules.begin(), rules.end(), [](const OptionRule& rule) { return rule.broken; });
  return first == rules.end() ? std::string() : first->why;
}

std::string OptionParser::help() const {
  std::string text = "Usage: " + command_ + " [OPTIONS]";
  for (const Positional& positional : positionals_) {
    text += positional.optional ? " [" + positional.value_name + "]" : " " + positional.value_name;
    if (positional.list != nullptr) text += "...";
  }
  text += "\n\n" + summary_ + "\n";
  for (const Option& option : options_) {
    if (option.hidden) continue;
    if (option.is_heading) {
      text += "\n" + option.names + "\n";
      continue;
    }
    std::string left = "  " + option.names;
    if (!option.value_name.empty()) left += " " + option.value_name;
    constexpr std::size_t column = 28;
    left += left.size() + 2 > column ? "\n" + std::string(column, ' ')
                                     : std::string(column - left.size(), ' ');
    text += left;
    for (const char c : option.help) {
      text += c;
      if (c == '\n') text.append(column, ' ');
    }
    text += '\n';
  }
  return text + "\nExamples\n" + examples_;
}

}  // namespace duplex::tools
