// Whether what an experiment asserts of its figures holds.
#include "check_outcome.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>

#include "check_metric.h"
#include "measure/format.h"

namespace duplex::tools {
namespace {

const BenchReport* find_step(const PresetReport& report, const std::string& value) {
  const auto found = std::ranges::find(report.steps, value, &PresetStep::value);
  return found == report.steps.end() ? nullptr : &found->report;
}

std::optional<double> value_of(const CheckTerm& term, const PresetReport& report) {
  if (term.metric.empty()) return term.factor;
  const CheckMetric* const metric = find_metric(term.metric);
  const BenchReport* const step = find_step(report, term.step);
  if (metric == nullptr || step == nullptr) return std::nullopt;
  const auto figure = figure_of(*metric, term.arm, *step);
  return figure ? std::optional(term.factor * *figure) : std::nullopt;
}

bool holds(const PresetCheck& check, double measured, double bound) {
  if (check.relation == Relation::at_most) return measured <= bound;
  if (check.relation == Relation::at_least) return measured >= bound;
  return std::abs(measured - bound) <= check.tolerance * std::abs(bound);
}

// Of a check whose steps are named.
CheckOutcome outcome_of(PresetCheck check, const PresetReport& report) {
  CheckOutcome outcome = {.measured = value_of(check.left, report),
                          .bound = value_of(check.right, report)};
  if (outcome.measured && outcome.bound) {
    outcome.holds = holds(check, *outcome.measured, *outcome.bound);
  }
  outcome.check = std::move(check);
  return outcome;
}

PresetCheck in_step(PresetCheck check, const std::string& step) {
  if (check.left.step.empty()) check.left.step = step;
  if (check.right.step.empty()) check.right.step = check.left.step;
  return check;
}

std::string spell(const CheckTerm& term) {
  return term.metric + " of " + term.arm + (term.step.empty() ? "" : " at " + term.step);
}

// As somebody has typed it: "435.5".
std::string shortest(double number) {
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.begin(), text.end(), number);
  return error == std::errc() ? std::string(text.begin(), end) : measure::significant(number);
}

std::string spell_figure(const PresetCheck& check, double figure) {
  const CheckMetric* const metric = find_metric(check.left.metric);
  if (metric == nullptr) return measure::significant(figure);
  if (metric->is_time()) return measure::format_duration(measure::Seconds(figure));
  const std::string unit(metric->unit);
  const bool is_apart = !unit.empty() && unit.front() != '/';
  return measure::significant(figure) + (is_apart ? " " : "") + unit;
}

std::string spell_bound(const PresetCheck& check, double bound) {
  std::string text = check.relation == Relation::at_most    ? "at most "
                     : check.relation == Relation::at_least ? "at least "
                                                            : "";
  text += spell_figure(check, bound);
  if (check.relation == Relation::equal) {
    text += " within " + shortest(std::round(1e4 * check.tolerance) / 100) + " %";
  }
  if (check.right.metric.empty()) return text;
  const double factor = check.right.factor;
  return text + ", " + (factor == 1 ? "" : shortest(factor) + " x ") + spell(check.right);
}

}  // namespace

std::vector<CheckOutcome> outcomes_of(const PresetReport& report) {
  std::vector<CheckOutcome> outcomes;
  for (const PresetCheck& check : report.preset.checks) {
    if (!check.left.step.empty()) {
      outcomes.push_back(outcome_of(in_step(check, ""), report));
      continue;
    }
    for (const PresetStep& step : report.steps) {
      outcomes.push_back(outcome_of(in_step(check, step.value), report));
    }
  }
  return outcomes;
}

std::string sentence_of(const CheckOutcome& outcome) {
  const PresetCheck& check = outcome.check;
  if (!outcome.holds) {
    const bool is_left = !outcome.measured;
    return "– " + spell(check.left) + ": " + (is_left ? "it" : spell(check.right)) +
           " was not measured";
  }
  return std::string(*outcome.holds ? "✓ " : "✗ ") + spell(check.left) + " was " +
         spell_figure(check, *outcome.measured) + ", expected " +
         spell_bound(check, *outcome.bound);
}

Judgement judge(const PresetReport& report) {
  const std::vector<CheckOutcome> outcomes = outcomes_of(report);
  const auto has = [&outcomes](std::optional<bool> holds) {
    return std::ranges::find(outcomes, holds, &CheckOutcome::holds) != outcomes.end();
  };
  if (has(false) || !missed_predictions(report).empty()) return Judgement::missed;
  if (!untold_predictions(report).empty()) return Judgement::unknown;
  return report.preset.predicts || has(true) ? Judgement::as_expected : Judgement::unknown;
}

}  // namespace duplex::tools
