// duplex report: shows, merges and compares what `duplex bench -o run.json` has kept.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "../bench/preset_json.h"
#include "../bench/render.h"
#include "../command.h"
#include "../output_file.h"
#include "compare.h"
#include "merge.h"

namespace duplex::tools {
namespace {

constexpr std::string_view command = "duplex report";

constexpr std::string_view summary =
    "Shows again what `duplex bench -o run.json` has measured, with --preset or without, in any\n"
    "format, without measuring.\n"
    "Several files of the same conditions on the same machine are merged: their rounds are added\n"
    "up. With --compare, each later run is held against the first, arm by arm; what differs by\n"
    "less than WebSocket differs from itself, or whose 95 % interval includes 1, is called not\n"
    "distinguishable.";

constexpr std::string_view examples =
    "  duplex report run.json\n"
    "  duplex report run.json --format hgrm > latency.hgrm\n"
    "  duplex report wind-4hz.json -o wind-4hz.html         # of bench --preset, each step in it\n"
    "  duplex report one.json two.json -o both.json  # of --seed 1 and 2: 40 rounds\n"
    "  duplex report --compare before.json after.json\n"
    "  duplex report --compare --check before.json after.json  # exit code 4 when slower\n";

struct Typed {
  std::vector<std::string> files = {};
  std::string format = "text";
  std::vector<std::string> outputs = {};
  bool compare = false;
  bool check = false;
  ReportOptions report = {};
};

OptionParser make_parser(Typed& typed) {
  OptionParser parser("duplex report", std::string(summary), std::string(examples));
  parser.positionals("RUN.json", typed.files, "a file of `duplex bench -o RUN.json`")
      .heading("What")
      .flag("--compare", typed.compare, "the later runs against the first; not merged")
      .flag("--check", typed.check,
            "with --compare: exit with 4 when an arm is slower, and\n"
            "with 5 when no arm can be judged")
      .flag("--discard-noisy", typed.report.discard_noisy,
            "leave out blocks in which the machine stood still for longer\n"
            "than five medians; they are counted in any case")
      .heading("Output")
      .choice("--format", report_formats, typed.format,
              "on stdout (text); --compare: text, json, csv, markdown")
      .texts("-o, --output", "FILE", typed.outputs,
             "write there, too: .json, .html (a page with charts), .svg,\n"
             ".csv, .md, .hgrm, .hlog, others text; repeatable");
  return parser;
}

// Of one run alone.
bool is_listing(std::string_view format) {
  return format == "hgrm" || format == "hlog" || format == "html" || format == "svg";
}

// What is wrong with the options, or nothing.
std::string problem_with(const Typed& typed) {
  if (typed.check && !typed.compare) return "--check: needs --compare";
  if (!typed.compare) return {};
  if (typed.files.size() < 2) return "--compare: needs two files at least";
  if (is_listing(typed.format)) return "--format: " + typed.format + " cannot show a comparison";
  for (const std::string& path : typed.outputs) {
    if (is_listing(format_for(path))) return "--output: " + path + " cannot show a comparison";
  }
  return {};
}

// What the files hold: runs, or one experiment alone.
struct Content {
  std::vector<NamedRun> runs = {};
  std::optional<PresetReport> experiment = {};
};

// Why what an experiment found is not shown, or nothing.
std::string problem_with_experiment(const Typed& typed, const std::string& path,
                                    const PresetReport& found) {
  const std::string what = path + " is what the preset " + found.preset.name + " found";
  if (typed.compare) return "--compare: " + what + "; it compares runs, as each \"run\" there";
  if (typed.files.size() > 1) return what + ", which is not merged; report it by itself";
  return preset_output_problem(typed.format, typed.outputs);
}

// Whether there is no problem; with a complaint, if there is one.
bool passes(const std::string& problem) {
  if (!problem.empty()) complain(std::string(command) + ": " + problem);
  return problem.empty();
}

// False, with a complaint, when it cannot be read, or is out of place.
bool take_file(const Typed& typed, const std::string& path, Content& content) {
  const auto text = read_file(command, path);
  if (!text) return false;
  auto kept = read_kept(*text, typed.report);
  if (!kept) return passes(path + ": " + kept.error());
  if (auto* const run = std::get_if<BenchRun>(&*kept)) {
    content.runs.push_back({.name = path, .run = std::move(*run)});
    return true;
  }
  content.experiment = std::get<PresetReport>(*std::move(kept));
  return passes(problem_with_experiment(typed, path, *content.experiment));
}

// render(format) gives the text.
template <class Render>
bool publish(const Typed& typed, Render render) {
  bool written = print(render(typed.format)) != Written::no;
  for (const std::string& path : typed.outputs) {
    written = write_file(command, path, render(format_for(path))) && written;
  }
  return written;
}

ExitCode show_merged(const Typed& typed, std::vector<NamedRun> runs) {
  auto merged = merge_runs(std::move(runs));
  if (!merged) {
    complain(std::string(command) + ": " + merged.error());
    return ExitCode::usage;
  }
  const BenchReport report = make_report(*std::move(merged), typed.report);
  const bool written =
      publish(typed, [&report](std::string_view format) { return render(format, report); });
  if (!written) return ExitCode::usage;
  return report.arms.front().delivery_count == 0 ? ExitCode::inconclusive : ExitCode::ok;
}

ExitCode show_experiment(const Typed& typed, const PresetReport& report) {
  const bool written =
      publish(typed, [&report](std::string_view format) { return render_preset(format, report); });
  if (!written) return ExitCode::usage;
  const bool has_gap = std::any_of(
      report.steps.begin(), report.steps.end(),
      [](const PresetStep& step) { return step.report.arms.front().delivery_count == 0; });
  return has_gap ? ExitCode::inconclusive : ExitCode::ok;
}

ExitCode judge(const std::vector<RunComparison>& comparisons) {
  for (const RunComparison& comparison : comparisons) {
    if (!comparison.has_control || comparison.arms.empty()) return ExitCode::inconclusive;
    for (const ArmComparison& arm : comparison.arms) {
      if (judgement(arm) != "slower") continue;
      complain(std::string(command) + ": " + label_of(arm.arm) + " is slower in " +
               comparison.after);
      return ExitCode::threshold_missed;
    }
  }
  return ExitCode::ok;
}

ExitCode show_comparisons(const Typed& typed, const std::vector<NamedRun>& runs) {
  std::vector<RunComparison> comparisons;
  for (std::size_t i = 1; i < runs.size(); ++i) {
    comparisons.push_back(compare_runs(runs.front(), runs[i], typed.report));
  }
  const bool written = publish(typed, [&comparisons](std::string_view format) {
    std::string text;
    for (const RunComparison& each : comparisons) {
      text += (text.empty() ? "" : "\n") + render_comparison(format, each);
    }
    return text;
  });
  if (!written) return ExitCode::usage;
  return typed.check ? judge(comparisons) : ExitCode::ok;
}

}  // namespace

ExitCode report_command(Arguments arguments) {
  Typed typed;
  OptionParser parser = make_parser(typed);
  ExitCode exit = ExitCode::ok;
  if (!parse_or_explain(parser, arguments, exit)) return exit;
  if (const std::string problem = problem_with(typed); !problem.empty()) {
    complain(std::string(command) + ": " + problem);
    return ExitCode::usage;
  }
  Content content;
  for (const std::string& path : typed.files) {
    if (!take_file(typed, path, content)) return ExitCode::usage;
  }
  const auto can_write = [](const std::string& path) { return can_be_written(command, path); };
  if (!std::all_of(typed.outputs.begin(), typed.outputs.end(), can_write)) return ExitCode::usage;
  if (content.experiment) return show_experiment(typed, *content.experiment);
  if (typed.compare) return show_comparisons(typed, content.runs);
  return show_merged(typed, std::move(content.runs));
}

}  // namespace duplex::tools
