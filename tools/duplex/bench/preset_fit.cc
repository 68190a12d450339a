// What a user asks of an experiment beside its name.
#include "preset_fit.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "bench_arguments.h"

namespace duplex::tools {
namespace {

// What a server that runs already is told by nobody.
constexpr std::array of_server = {"--rate", "--dist", "--size", "--content", "--coalesce"};

std::string varied_by(const Preset& preset) {
  std::string text = "the preset " + preset.name + " varies " + preset.varied + " (";
  for (const std::string& value : preset.values) {
    text += (&value == &preset.values.front() ? "" : ", ") + value;
  }
  return text + ")";
}

void leave_out(std::vector<std::string>& words, std::string_view option) {
  const std::string together = std::string(option) + "=";
  std::erase_if(words, [&](const std::string& word) { return word.starts_with(together); });
  const auto found = std::find(words.begin(), words.end(), option);
  if (words.end() - found >= 2) words.erase(found, found + 2);
}

// `rival` excludes what the user gives as `option`.
std::string prefer(Preset& preset, const std::string& option, const std::string& rival) {
  if (preset.varied == rival) {
    return option + ": " + varied_by(preset) + ", which excludes it; give a " + rival + " instead";
  }
  leave_out(preset.arguments, rival);
  leave_out(preset.quick, rival);
  return {};
}

}  // namespace

std::string fit(Preset& preset, Arguments arguments) {
  BenchArguments typed;
  OptionParser parser = bench_parser(typed);
  parser.parse(arguments);
  const bool is_foreign = parser.given("--server").has_value();
  if (is_foreign && std::count(of_server.begin(), of_server.end(), preset.varied) > 0) {
    return "--server: " + varied_by(preset) +
           ", but a server that runs already has its own; leave out --server";
  }
  if (typed.check && !preset.predicts && preset.checks.empty()) {
    return "--check: the preset " + preset.name +
           " judges nothing (judge = nothing), for theory is silent there; leave out --check";
  }
  std::string problem;
  if (parser.given("--wire")) problem = prefer(preset, "--wire", "--delay");
  if (parser.given("--delay")) problem += prefer(preset, "--delay", "--wire");
  if (const auto value = parser.given(preset.varied)) {
    preset.values = {*value};
    preset.quick_values.clear();
  }
  return problem;
}

}  // namespace duplex::tools
