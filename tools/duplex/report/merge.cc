// Several runs of the bench as one.
#include "merge.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <map>
#include <string_view>
#include <utility>

namespace duplex::tools {
namespace {

// What is another one each time.
constexpr std::array<std::string_view, 3> passing = {"clock_cost", "command_line", "load_average"};

using Facts = std::map<std::string, std::string>;

std::string value_of(const Facts& facts, const std::string& name) {
  const auto found = facts.find(name);
  return found == facts.end() ? "nothing" : found->second;
}

std::vector<std::string> differences(const Facts& a, const std::string& name_a, const Facts& b,
                                     const std::string& name_b) {
  Facts all = a;
  all.insert(b.begin(), b.end());
  std::vector<std::string> texts;
  for (const auto& [name, value] : all) {
    const std::string ours = value_of(a, name);
    const std::string theirs = value_of(b, name);
    if (ours == theirs) continue;
    texts.push_back(name + ": " + ours + " in " + name_a + ", " + theirs + " in " + name_b);
  }
  return texts;
}

Facts conditions_and_arms(const BenchRun& run) {
  Facts facts = conditions_of(run.options);
  std::string& arms = facts["--arms"];
  for (const ArmSpec& arm : run.arms) arms += (arms.empty() ? "" : ",") + arm.name;
  return facts;
}

Facts lasting(const BenchRun& run) {
  Facts facts = run.environment;
  for (const std::string_view name : passing) facts.erase(std::string(name));
  if (!run.scheduling.empty()) facts["scheduling"] = run.scheduling;
  if (!run.wire_source.empty()) facts["wire bytes"] = run.wire_source;
  return facts;
}

// What there is one of in a run, whatever its rounds. Of this one, or nothing.
std::string single_part_of(const BenchRun& run) {
  if (!run.idle.empty()) return "--idle";
  if (run.ladder) return "--decompose";
  return run.storms.empty() ? "" : "--storm";
}

// Why the second is not to be added to the first, or nothing.
std::string reason_against(const NamedRun& first, const NamedRun& second) {
  auto different = condition_differences(first, second);
  if (!different.empty()) {
    return "runs of different conditions are not merged (" + different.front() +
           "); --compare holds them against each other";
  }
  different = environment_differences(first, second);
  if (!different.empty()) {
    return "runs of different machines or programs are not merged (" + different.front() +
           "); --compare holds them against each other";
  }
  if (first.run.options.seed == second.run.options.seed) {
    return first.name + " and " + second.name + " have the same schedule (seed " +
           std::to_string(first.run.options.seed) +
           "), so that the rounds of the second tell nothing new; measure with another --seed";
  }
  for (const NamedRun* const each : {&first, &second}) {
    const std::string single = single_part_of(each->run);
    if (single.empty()) continue;
    return each->name + ": what " + single + " has measured is not merged; report it by itself";
  }
  return {};
}

std::size_t round_count(const BenchRun& run) {
  std::size_t count = 0;
  for (const Block& block : run.blocks) count = std::max(count, block.round + 1);
  return count;
}

// By when it began, what was measured, and what it found.
std::string identity_of(const BenchRun& run, const Block& block) {
  const auto milliseconds = std::llround(1000 * (run.started + block.start));
  return run.arms[block.arm].name + ' ' + std::to_string(milliseconds) + ' ' + block.latency;
}

// "a.json and b.json hold the same blocks", or nothing.
std::string repetition_in(const std::vector<NamedRun>& runs) {
  std::map<std::string, const NamedRun*> seen;
  for (const NamedRun& each : runs) {
    for (const Block& block : each.run.blocks) {
      const auto [found, is_new] = seen.try_emplace(identity_of(each.run, block), &each);
      if (is_new || found->second == &each) continue;
      return found->second->name + " and " + each.name +
             " hold the same blocks, which would count twice";
    }
  }
  return {};
}

// A file may say what no bench has the time for.
constexpr std::chrono::nanoseconds longest = std::chrono::nanoseconds::max();

void append(BenchRun& sum, BenchRun run) {
  const std::size_t rounds = round_count(sum);
  const std::size_t blocks = sum.blocks.size();
  for (Block& block : run.blocks) {
    block.round += rounds;
    block.order += blocks;
    block.start += run.started - sum.started;
    sum.blocks.push_back(std::move(block));
  }
  const bool is_worse = run.clock && (!sum.clock || run.clock->error > sum.clock->error);
  if (is_worse) sum.clock = run.clock;
  sum.options.rounds += run.options.rounds;
  sum.options.duration += std::min(run.options.duration, longest - sum.options.duration);
}

}  // namespace

std::vector<std::string> condition_differences(const NamedRun& a, const NamedRun& b) {
  return differences(conditions_and_arms(a.run), a.name, conditions_and_arms(b.run), b.name);
}

std::vector<std::string> environment_differences(const NamedRun& a, const NamedRun& b) {
  return differences(lasting(a.run), a.name, lasting(b.run), b.name);
}

Result<BenchRun, std::string> merge_runs(std::vector<NamedRun> runs) {
  BenchRun sum = runs.front().run;
  for (std::size_t i = 1; i < runs.size(); ++i) {
    std::string reason = reason_against(runs.front(), runs[i]);
    if (!reason.empty()) return Failure{std::move(reason)};
  }
  if (std::string repeated = repetition_in(runs); !repeated.empty()) {
    return Failure{std::move(repeated)};
  }
  for (std::size_t i = 1; i < runs.size(); ++i) {
    append(sum, std::move(runs[i].run));
  }
  return sum;
}

}  // namespace duplex::tools
