// What an experiment found, as JSON and back.
#include "preset_json.h"

#include <chrono>
#include <optional>
#include <utility>

#include "../json_fields.h"
#include "check_outcome.h"
#include "measure/json_writer.h"
#include "render.h"
#include "run_json.h"

namespace duplex::tools {
namespace {

using measure::JsonWriter;

void write_words(JsonWriter& json, std::string_view name, const std::vector<std::string>& words) {
  json.key(name).begin_array();
  for (const std::string& word : words) json.value(word);
  json.end_array();
}

void write_preset(JsonWriter& json, const Preset& preset) {
  json.member("preset", preset.name).member("question", preset.question);
  json.member("expected", preset.expected);
  write_words(json, "arguments", preset.arguments);
  json.member("varied", preset.varied);
  json.member("judge", preset.predicts ? "prediction" : "nothing");
  write_words(json, "show", preset.shown);
  json.key("checks").begin_array();
  for (const PresetCheck& check : preset.checks) json.value(check.text);
  json.end_array();
  json.key("until_p95");
  if (preset.limit.count() == 0) {
    json.null();
  } else {
    json.value(std::chrono::duration<double>(preset.limit).count());
  }
}

void optional_member(JsonWriter& json, std::string_view name, const std::optional<double>& value) {
  json.key(name);
  value ? json.value(*value) : json.null();
}

void write_outcomes(JsonWriter& json, const PresetReport& report) {
  json.key("outcomes").begin_array();
  for (const CheckOutcome& outcome : outcomes_of(report)) {
    json.begin_object().member("sentence", sentence_of(outcome));
    optional_member(json, "measured", outcome.measured);
    optional_member(json, "bound", outcome.bound);
    json.key("holds");
    outcome.holds ? json.value(*outcome.holds) : json.null();
    json.end_object();
  }
  json.end_array();
}

std::vector<PresetCheck> read_checks(const JsonFields& fields) {
  std::vector<PresetCheck> checks;
  for (const std::string& text : fields.texts("checks")) {
    auto check = parse_check(text);
    if (check) {
      checks.push_back(*std::move(check));
    } else {
      fields.complain("checks", "what bench takes, but '" + text + "' is " + check.error());
    }
  }
  if (checks.size() > max_checks) {
    fields.complain("checks", "at most " + std::to_string(max_checks));
  }
  return checks;
}

Preset read_preset(const JsonFields& fields) {
  Preset preset = {.name = fields.text("preset"),
                   .question = fields.text("question"),
                   .expected = fields.text("expected"),
                   .arguments = fields.texts("arguments"),
                   .varied = fields.text("varied"),
                   .predicts = fields.one_of("judge", {"prediction", "nothing"}) == "prediction",
                   .shown = fields.texts("show"),
                   .checks = read_checks(fields)};
  const std::string problem = problem_with_columns(preset.shown);
  if (!problem.empty()) fields.complain("show", problem);
  if (fields.optional_seconds("until_p95")) preset.limit = fields.duration("until_p95");
  return preset;
}

Result<Kept, std::string> read_experiment(const codec::JsonValue& value,
                                          const ReportOptions& options) {
  std::string problem;
  const JsonFields fields(value, "", problem);
  const std::uint64_t version = fields.count("schema_version");
  if (problem.empty() && version != preset_schema_version) {
    return Failure{"an experiment of schema_version " + std::to_string(version) + "; this reads " +
                   std::to_string(preset_schema_version) + " alone"};
  }
  PresetReport report = {.preset = read_preset(fields),
                         .command_line = fields.text("command_line"),
                         .complete = fields.flag("complete"),
                         .over_limit = fields.flag("over_limit")};
  fields.each_object("steps", [&](const JsonFields& step) {
    std::string name = step.text("value");
    BenchRun run = read_run(step.object("run"));
    if (!problem.empty()) return;
    report.steps.push_back({std::move(name), make_report(std::move(run), options)});
  });
  if (report.steps.empty()) fields.complain("steps", "at least one step");
  if (!problem.empty()) return Failure{std::move(problem)};
  return Kept(std::move(report));
}

}  // namespace

std::string render_preset_json(const PresetReport& report) {
  JsonWriter json;
  json.begin_object().member("schema_version", preset_schema_version);
  write_preset(json, report.preset);
  json.member("command_line", report.command_line).member("complete", report.complete);
  json.member("over_limit", report.over_limit);
  write_outcomes(json, report);
  json.end_object();
  // The runs are text already.
  std::string text = json.text();
  text.erase(text.rfind("\n}"));
  text += ",\n  \"steps\": [";
  for (const PresetStep& step : report.steps) {
    text += &step == &report.steps.front() ? "\n" : ",\n";
    text += "{\"value\": " + measure::json_string(step.value) +
            ",\n\"run\": " + render_json(step.report) + "}";
  }
  return text + "]\n}\n";
}

Result<Kept, std::string> read_kept(std::string_view text, const ReportOptions& options) {
  const auto parsed = parse_run(text);
  if (!parsed) return Failure{parsed.error()};
  if (parsed->find("preset") != nullptr) return read_experiment(*parsed, options);
  auto run = run_from(*parsed);
  if (!run) return Failure{run.error()};
  return Kept(*std::move(run));
}

}  // namespace duplex::tools
