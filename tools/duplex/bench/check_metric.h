// The figures that an experiment's checks may name. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "report.h"

namespace duplex::tools {

// Whose figure it is: an arm's, an arm's of --idle, or the storm's.
enum class Subject { arm, idle, storm };

struct CheckMetric {
  std::string_view name = {};
  std::string_view unit = {};  // "s" of times, "B", "B/s", "/s"; empty: of shares, and of counts
  Subject subject = Subject::arm;
  struct Source {  // what the subject is not is null
    const BenchReport& report;
    const ArmReport* arm = nullptr;
    const IdleCost* idle = nullptr;
    const Storm* storm = nullptr;
  };
  // Nothing where it was not measured.
  std::optional<double> (*figure)(const Source& source) = nullptr;

  bool is_time() const noexcept { return unit == "s"; }
};

// The name that checks give to a storm, which is no arm.
inline constexpr std::string_view storm_subject = "storm";

std::span<const CheckMetric> check_metrics() noexcept;
const CheckMetric* find_metric(std::string_view name) noexcept;

// Of the arm of that name; nothing where there was none, or it measured nothing.
std::optional<double> figure_of(const CheckMetric& metric, std::string_view arm,
                                const BenchReport& report);

}  // namespace duplex::tools
