// duplex claims: what is often said of WebSocket and polling, held against this machine.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "../bench/bench_step.h"
#include "../bench/render.h"
#include "../command.h"
#include "../output_file.h"
#include "claims.h"

namespace duplex::tools {
namespace {

constexpr std::string_view summary =
    "Measures what is needed and prints a ledger: each sentence as it is repeated, whether it is\n"
    "TRUE, FALSE or DEPENDS on what is not said with it, our own figures, and the conditions\n"
    "under which it would be true. No figure comes from anywhere but this machine and the model;\n"
    "where the machine disturbed every block that times are taken from, or a figure cannot be, it\n"
    "is INCONCLUSIVE, and the exit code 5.";

constexpr std::string_view examples =
    "  duplex claims --quick                # in about two minutes\n"
    "  duplex claims -o claims.html         # as a page, too\n";

struct Typed {
  std::string format = "text";
  std::vector<std::string> outputs = {};
  bool quick = false;
  bool no_progress = false;
};

OptionParser make_parser(Typed& typed) {
  OptionParser parser("duplex claims", std::string(summary), std::string(examples));
  parser.flag("--quick", typed.quick, "measure for less long: about two minutes")
      .choice("--format", {"text", "json", "csv", "markdown", "html"}, typed.format,
              "on stdout (text)")
      .texts("-o, --output", "FILE", typed.outputs,
             "write there, too: .html (a page with charts), .json, .csv,\n"
             ".md, others text; repeatable")
      .flag("--no-progress", typed.no_progress, "no line of progress on the terminal");
  return parser;
}

// False, having said why, when a ledger cannot stand there.
bool is_for_a_ledger(const std::string& path) {
  const std::string_view format = format_for(path);
  if (format != "svg" && format != "hgrm" && format != "hlog") return true;
  complain("duplex claims: " + path + ": a ledger is no ." + std::string(format) +
           " file; .html, .json, .csv, .md and text are possible");
  return false;
}

std::string render(std::string_view format, const std::vector<Claim>& claims,
                   const Evidence& evidence) {
  if (format == "html") return render_claims_page(claims, evidence);
  return render_claims(format, claims, evidence);
}

// Ok when `evidence` is complete.
ExitCode measure_all(const Typed& typed, Evidence& evidence) {
  const IgnoredInterrupts ignored;
  for (const EvidenceStep& each : evidence_steps(typed.quick)) {
    BenchStep step = {.words = each.arguments};
    step.words.emplace_back("--no-progress");
    if (!read_step(step)) return ExitCode::usage;
    if (!typed.no_progress && is_terminal(2)) complain(line_of(step));
    std::optional<BenchReport> report;
    const ExitCode exit = measure_step(step, report);
    if (exit != ExitCode::ok) return exit;
    if (!report) return ExitCode::inconclusive;
    evidence.*each.member = *std::move(report);
  }
  return ExitCode::ok;
}

}  // namespace

ExitCode claims_command(Arguments arguments) {
  Typed typed;
  OptionParser parser = make_parser(typed);
  ExitCode exit = ExitCode::ok;
  if (!parse_or_explain(parser, arguments, exit)) return exit;
  for (const std::string& path : typed.outputs) {
    if (!is_for_a_ledger(path) || !can_be_written("duplex claims", path)) return ExitCode::usage;
  }
  Evidence evidence;
  evidence.command_line = "duplex claims";
  for (const std::string_view word : arguments) evidence.command_line.append(" ").append(word);
  exit = measure_all(typed, evidence);
  if (exit != ExitCode::ok) return exit;
  const std::vector<Claim> claims = judge_claims(evidence);
  bool written = print(render(typed.format, claims, evidence)) != Written::no;
  for (const std::string& path : typed.outputs) {
    written =
        write_file("duplex claims", path, render(format_for(path), claims, evidence)) && written;
  }
  if (!written) return ExitCode::usage;
  const bool judged = std::none_of(claims.begin(), claims.end(), [](const Claim& claim) {
    return claim.verdict == Verdict::inconclusive;
  });
  return judged ? ExitCode::ok : ExitCode::inconclusive;
}

}  // namespace duplex::tools
