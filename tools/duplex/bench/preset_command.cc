// duplex bench --preset: an experiment, step by step.
#include "preset_command.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "../output_file.h"
#include "bench_step.h"
#include "check_outcome.h"
#include "measure_run.h"
#include "preset_fit.h"
#include "preset_report.h"
#include "render.h"

namespace duplex::tools {
namespace {

using Words = std::vector<std::string>;
namespace fs = std::filesystem;

// --- Files ---------------------------------------------------------------------------------------

// The first of them that there is.
fs::path found_folder(const std::vector<fs::path>& folders) {
  std::error_code error;
  for (const fs::path& folder : folders) {
    if (fs::is_directory(folder, error)) return folder;
  }
  return {};
}

Words names_of_presets(const std::vector<fs::path>& folders) {
  Words names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(found_folder(folders), error)) {
    if (entry.path().extension() == ".conf") names.push_back(entry.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

void complain_of_folders(std::string_view option, const std::vector<fs::path>& folders) {
  std::string all;
  for (const fs::path& folder : folders) all += (all.empty() ? "" : ", ") + folder.string();
  complain("duplex bench: " + std::string(option) + ": no experiments in any of " + all +
           "; --preset also takes a file NAME.conf");
}

// Its file, or nothing, with a complaint.
std::optional<std::string> path_of_preset(const std::string& name,
                                          const std::vector<fs::path>& folders) {
  if (name.ends_with(".conf")) return name;
  const Words names = names_of_presets(folders);
  if (std::find(names.begin(), names.end(), name) != names.end()) {
    return (found_folder(folders) / (name + ".conf")).string();
  }
  std::string all;
  for (const std::string& each : names) all += (all.empty() ? "" : ", ") + each;
  if (names.empty()) {
    complain_of_folders("--preset " + name, folders);
  } else {
    complain("duplex bench: --preset: '" + name + "' is not one of " + all +
             ", nor a file NAME.conf");
  }
  return std::nullopt;
}

// Nothing, with a complaint, when there is none of that name or it is not right.
std::optional<Preset> load_preset(const std::string& name, const std::vector<fs::path>& folders) {
  const auto found = path_of_preset(name, folders);
  if (!found) return std::nullopt;
  const std::string& path = *found;
  const auto text = read_file("duplex bench", path);
  if (!text) return std::nullopt;
  auto preset = parse_preset(path, *text);
  if (preset) return *std::move(preset);
  complain("duplex bench: " + preset.error());
  return std::nullopt;
}

std::optional<std::vector<BenchStep>> steps_of(const Preset& preset, bool quick,
                                               Arguments arguments) {
  std::vector<BenchStep> steps(preset.step_count(quick));
  for (std::size_t i = 0; i < steps.size(); ++i) {
    steps[i].words = preset.step(i, quick);
    steps[i].words.insert(steps[i].words.end(), arguments.begin(), arguments.end());
    steps[i].place = preset.place;
    if (!read_step(steps[i])) return std::nullopt;
  }
  return steps;
}

// --- The whole -----------------------------------------------------------------------------------

void tell_step(const BenchArguments& typed, const PresetReport& report, std::size_t index,
               std::size_t count) {
  if (typed.no_progress || !is_terminal(2)) return;
  const Words& values = report.preset.values_of(typed.quick);
  complain("step " + std::to_string(index + 1) + " of " + std::to_string(count) +
           (values.empty() ? "" : ": " + report.preset.varied + " " + values[index]));
}

// The exit code of the step that failed, or ok.
ExitCode measure_steps(const BenchArguments& typed, std::vector<BenchStep>& steps,
                       PresetReport& report) {
  const IgnoredInterrupts ignored;
  const Words& values = report.preset.values_of(typed.quick);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    tell_step(typed, report, i, steps.size());
    warn_of_few_events(steps[i].typed.options, steps[i].arms);
    std::optional<BenchReport> measured;
    const ExitCode exit = measure_step(steps[i], measured);
    if (measured) {
      report.steps.push_back(
          {.value = values.empty() ? "" : values[i], .report = *std::move(measured)});
    }
    report.over_limit = goes_beyond_limit(report);
    report.complete = i + 1 == steps.size() && exit == ExitCode::ok;
    if (exit != ExitCode::ok || report.over_limit) return exit;
  }
  return ExitCode::ok;
}

bool publish(const BenchArguments& typed, const PresetReport& report) {
  bool written = print(render_preset(typed.format, report)) != Written::no;
  for (const std::string& path : typed.outputs) {
    written = write_file("duplex bench", path, render_preset(format_for(path), report)) && written;
  }
  return written;
}

ExitCode exit_code_of(Judgement judgement) {
  switch (judgement) {
    case Judgement::missed:
      return ExitCode::threshold_missed;
    case Judgement::unknown:
      return ExitCode::inconclusive;
    case Judgement::as_expected:
      return ExitCode::ok;
  }
  return ExitCode::ok;
}

}  // namespace

// Beside the program where it was installed, and where it was built.
std::vector<fs::path> preset_folders() {
  std::error_code error;
  const fs::path bin = fs::read_symlink("/proc/self/exe", error).parent_path();
  return {(bin / "../share/duplex/experiments").lexically_normal(),
          (bin / "../../../tools/experiments").lexically_normal(), "tools/experiments"};
}

ExitCode list_presets(const std::vector<fs::path>& folders) {
  const Words names = names_of_presets(folders);
  if (names.empty()) {
    complain_of_folders("--list-presets", folders);
    return ExitCode::usage;
  }
  std::string text;
  for (const std::string& name : names) {
    const auto preset = load_preset(name, folders);
    if (!preset) return ExitCode::usage;
    text += name + std::string(20 - std::min<std::size_t>(name.size(), 19), ' ') +
            preset->question + "\n";
  }
  return show(text);
}

ExitCode run_preset(const BenchArguments& typed, Arguments arguments) {
  if (const std::string problem = preset_output_problem(typed.format, typed.outputs);
      !problem.empty()) {
    complain("duplex bench: " + problem);
    return ExitCode::usage;
  }
  auto preset = load_preset(typed.preset, preset_folders());
  if (!preset) return ExitCode::usage;
  if (const std::string problem = fit(*preset, arguments); !problem.empty()) {
    complain("duplex bench: " + problem);
    return ExitCode::usage;
  }
  auto steps = steps_of(*preset, typed.quick, arguments);
  if (!steps) return ExitCode::usage;
  for (const std::string& path : typed.outputs) {
    if (!can_be_written("duplex bench", path)) return ExitCode::usage;
  }
  PresetReport report = {
      .preset = *preset, .command_line = command_line_of(arguments), .quick = typed.quick};
  const ExitCode exit = measure_steps(typed, *steps, report);
  if (report.steps.empty()) return exit;
  if (!publish(typed, report)) return ExitCode::usage;
  return exit != ExitCode::ok || !typed.check ? exit : exit_code_of(judge(report));
}

}  // namespace duplex::tools
