// Reads the checks of tools/experiments/NAME.conf.
#include "preset_check.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "../units.h"
#include "check_metric.h"
#include "plan.h"
#include "preset.h"

namespace duplex::tools {
namespace {

constexpr std::string_view form =
    "not of the form METRIC of ARM [at VALUE] <=, >= or = [FACTOR x] METRIC of ARM [at VALUE], or "
    "a figure in place of the other metric; behind = stands within PERCENT%";

constexpr double largest = 1e12;  // figure, factor

// A number above or at 0, "9.5".
std::optional<double> parse_number(std::string_view text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data(), end, number);
  const bool is_right = error == std::errc() && last == end && number >= 0 && number <= largest;
  return is_right ? std::optional(number) : std::nullopt;
}

std::optional<double> parse_seconds(std::string_view text) {
  const auto time = parse_duration(text);
  if (!time) return std::nullopt;
  return std::chrono::duration<double>(*time).count();
}

// "5%": a share above 0, 100 % at most.
std::optional<double> parse_percent(std::string_view text) {
  if (!text.ends_with('%')) return std::nullopt;
  const auto number = parse_number(text.substr(0, text.size() - 1));
  return number && *number > 0 && *number <= 100 ? std::optional(*number / 100) : std::nullopt;
}

std::string names_of_metrics() {
  std::string all;
  for (const CheckMetric& metric : check_metrics()) {
    all.append(all.empty() ? "" : ", ").append(metric.name);
  }
  return all;
}

// Word by word. The first thing that is wrong is what is told.
class CheckReader {
 public:
  explicit CheckReader(std::string_view text) : words_(words_of(text)) {}

  Result<PresetCheck, std::string> read(std::string_view text) {
    PresetCheck check = {.text = std::string(text)};
    check.left = figure();
    check.relation = relation();
    const CheckMetric* const metric = find_metric(check.left.metric);
    check.right = bound(metric != nullptr && metric->is_time());
    if (check.relation == Relation::equal) check.tolerance = tolerance();
    if (next_ < words_.size()) fail("'" + words_[next_] + "' is more than a check has");
    if (!problem_.empty()) return Failure{std::move(problem_)};
    return check;
  }

 private:
  void fail(std::string why) {
    if (problem_.empty()) problem_ = std::move(why);
  }

  std::string take() {
    if (next_ < words_.size()) return words_[next_++];
    fail(std::string(form));
    return {};
  }

  bool is_next(std::string_view word, std::size_t ahead = 0) const {
    return next_ + ahead < words_.size() && words_[next_ + ahead] == word;
  }

  // METRIC of ARM [at VALUE]
  CheckTerm figure() {
    CheckTerm term = {.metric = take()};
    const CheckMetric* const metric = find_metric(term.metric);
    if (metric == nullptr) fail("'" + term.metric + "' is not one of " + names_of_metrics());
    if (take() != "of") fail(std::string(form));
    term.arm = take();
    if (metric != nullptr) judge_subject(*metric, term.arm);
    if (!is_next("at")) return term;
    ++next_;
    term.step = take();
    return term;
  }

  void judge_subject(const CheckMetric& metric, const std::string& arm) {
    if (metric.subject == Subject::storm) {
      if (arm != storm_subject)
        fail("'" + arm + "' is not storm, whose " + std::string(metric.name) + " it is");
      return;
    }
    std::string unknown;
    if (!make_arms({arm}, unknown)) {
      fail("'" + arm + "' is not one of " + std::string(arm_names));
    }
  }

  Relation relation() {
    const std::string word = take();
    if (word == "<=") return Relation::at_most;
    if (word == ">=") return Relation::at_least;
    if (word != "=") fail("'" + word + "' is not one of <=, >=, =");
    return Relation::equal;
  }

  // [FACTOR x] METRIC of ARM [at VALUE], or a figure.
  CheckTerm bound(bool is_time) {
    if (is_next("x", 1)) {
      const std::string word = take();
      const auto factor = parse_number(word);
      if (!factor) fail("'" + word + "' is not a number from 0 to 1e12");
      ++next_;
      CheckTerm term = other(is_time);
      term.factor = factor.value_or(1);
      return term;
    }
    if (is_next("of", 1)) return other(is_time);
    const std::string word = take();
    const auto number = is_time ? parse_seconds(word) : parse_number(word);
    if (!number)
      fail("'" + word + "' is not " + (is_time ? "a time, as 35ms" : "a number from 0 to 1e12"));
    return {.factor = number.value_or(0)};
  }

  // Only times can be compared with times.
  CheckTerm other(bool is_time) {
    CheckTerm term = figure();
    const CheckMetric* const metric = find_metric(term.metric);
    if (metric != nullptr && metric->is_time() != is_time) {
      fail("'" + term.metric + "' is " + (is_time ? "no time" : "a time") + ", the other side is " +
           (is_time ? "one" : "none"));
    }
    return term;
  }

  double tolerance() {
    if (!is_next("within")) fail("behind = stands within PERCENT%");
    take();
    const std::string word = take();
    const auto share = parse_percent(word);
    if (!share) fail("'" + word + "' is not a share above 0% and at most 100%");
    return share.value_or(0);
  }

  std::vector<std::string> words_;
  std::size_t next_ = 0;
  std::string problem_ = {};
};

}  // namespace

Result<PresetCheck, std::string> parse_check(std::string_view text) {
  return CheckReader(text).read(text);
}

}  // namespace duplex::tools
