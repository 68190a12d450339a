// duplex bench: measures what WebSocket buys against polling, beside what theory predicts.
#include <algorithm>
#include <string>
#include <vector>

#include "../command.h"
#include "../output_file.h"
#include "bench_arguments.h"
#include "environment.h"
#include "explain.h"
#include "measure_run.h"
#include "preset_command.h"
#include "render.h"

namespace duplex::tools {
namespace {

std::string with_colors(std::string text) {
  const auto paint = [&text](std::string_view mark, std::string_view color) {
    const std::string painted = std::string(color) + std::string(mark) + "\x1b[0m";
    for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos;
         at += painted.size()) {
      text.replace(at, mark.size(), painted);
    }
  };
  paint("✓", "\x1b[32m");
  paint("✗", "\x1b[31m");
  return text;
}

ExitCode publish(const BenchArguments& typed, const BenchReport& report, bool interrupted) {
  bool written = true;
  std::string shown = render(typed.format, report);
  if (typed.format == "text" && color_wanted(1)) shown = with_colors(std::move(shown));
  if (print(shown) == Written::no) written = false;
  for (const std::string& path : typed.outputs) {
    written = write_file("duplex bench", path, render(format_for(path), report)) && written;
  }
  if (!written) return ExitCode::usage;
  if (interrupted) return ExitCode::interrupted;
  const bool empty = report.arms.front().delivery_count == 0;
  if (empty || (typed.check && is_inconclusive(report))) return ExitCode::inconclusive;
  if (!typed.check) return ExitCode::ok;
  const auto missed = missed_expectation(report);
  if (!missed) return ExitCode::ok;
  complain("duplex bench: " + *missed);
  return ExitCode::threshold_missed;
}

bool all_can_be_written(const std::vector<std::string>& paths) {
  return std::all_of(paths.begin(), paths.end(),
                     [](const std::string& path) { return can_be_written("duplex bench", path); });
}

// What a link is called once it is there: then its handshake is on the way, too.
ExitCode explain(const BenchArguments& typed, const std::vector<ArmSpec>& arms) {
  BenchOptions options = typed.options;
  options.link = typed.wire;
  const bool written = print(explanation(options, arms, typed.report, clock_cost())) != Written::no;
  return written ? ExitCode::ok : ExitCode::usage;
}

}  // namespace

ExitCode bench_command(Arguments arguments) {
  BenchArguments typed;
  OptionParser parser = bench_parser(typed);
  ExitCode exit = ExitCode::ok;
  if (!parse_or_explain(parser, arguments, exit)) return exit;
  if (typed.list_presets) return list_presets();
  if (!typed.preset.empty() && !typed.explain) return run_preset(typed, arguments);
  std::vector<ArmSpec> arms;
  std::string problem = finish(parser, typed, arms);
  if (typed.quick) problem = "--quick: needs --preset";
  if (!typed.preset.empty()) problem = "--explain: one measurement at a time; leave out --preset";
  if (!problem.empty()) {
    complain("duplex bench: " + problem);
    return ExitCode::usage;
  }
  if (typed.explain) return explain(typed, arms);
  if (!all_can_be_written(typed.outputs)) return ExitCode::usage;
  warn_of_few_events(typed.options, arms);
  const Measured measured = measure_run(typed, arms, command_line_of(arguments));
  if (!measured.report) return measured.exit;
  const ExitCode published = publish(typed, *measured.report, measured.interrupted);
  return published == ExitCode::ok ? measured.exit : published;
}

}  // namespace duplex::tools
