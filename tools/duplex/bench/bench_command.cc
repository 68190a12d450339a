// duplex bench: measures what WebSocket buys against polling, beside what theory predicts.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "../command.h"
#include "../feed_event.h"
#include "../output_file.h"
#include "../wire/wire.h"
#include "bench_link.h"
#include "environment.h"
#include "priority.h"
#include "render.h"
#include "session.h"

namespace duplex::tools {
namespace {

constexpr std::string_view summary =
    "Sends one stream of events over several transports and measures, for each event and client,\n"
    "the time from its intended generation to its complete arrival; beside it what theory\n"
    "predicts. Without --server it starts a server of its own, in a process of its own. The arms\n"
    "take turns in short blocks in random order; WebSocket also runs against itself (A/A), and\n"
    "what differs by less than that is called not distinguishable.";

constexpr std::string_view examples =
    "  duplex bench --delay 20ms --rate 10/s --dist poisson --poll 250ms\n"
    "  duplex bench --wire mobile                     # a link that delays and loses packets\n"
    "  duplex bench --arms ws,tcp --size 1KiB         # the price of WebSocket over bare TCP\n"
    "  duplex bench --arms lp --rate 50/s --delay 50ms  # when long polling hurts\n"
    "  duplex bench --duration 2m -o run.json   # kept whole, for `duplex report`\n"
    "  duplex bench --server 127.0.0.1:9001 --rate 4/s --dist periodic\n"
    "  duplex bench --check                           # exit code 4 when theory is missed\n";

// Options as they were typed.
struct Typed {
  BenchOptions options = {};
  std::string wire = {};
  wire::WireOptions link = {};
  std::string distribution = "poisson";
  std::string format = "text";
  std::vector<std::string> outputs = {};
  bool check = false;
  bool no_progress = false;
  bool no_priority = false;
  ReportOptions report = {};
};

OptionParser make_parser(Typed& typed) {
  OptionParser parser("duplex bench", std::string(summary), std::string(examples));
  BenchOptions& options = typed.options;
  parser.heading("What")
      .list("-a, --arms", "A,B", options.arms,
            "ws, sse, lp (long poll), sp (short poll), sp-new (a\n"
            "connection each), tcp (the floor), echo (ws,sse,lp,sp)")
      .text("--server", "HOST:PORT", options.server,
            "a `duplex serve` that runs already; say its --rate and --dist")
      .duration("--delay", options.delay, "hold bytes back, each way (0)")
      .text("--wire", "LINK", typed.wire,
            "a link between namespaces, as `duplex wire --help` has it:\n"
            "mobile, or delay=20ms,loss=1%; its packets are delayed and\n"
            "lost, not only bytes held back");
  parser.heading("Events")
      .rate("-r, --rate", options.rate, "events per second (10/s)")
      .choice("--dist", {"poisson", "periodic"}, typed.distribution,
              "random gaps or equal ones (poisson)")
      .size("--size", options.event_size, 0, max_event_size,
            "bytes of one event, 512KiB at most (64)")
      .duration("--coalesce", options.coalesce, "pushed events wait this long for company (0)")
      .duration("--poll", options.poll_interval, "from an answer to the next short poll (250ms)");
  parser.heading("How long")
      .duration("-d, --duration", options.duration, "of all measuring, spread over arms (24s)")
      .count("--rounds", options.rounds, 1, 10'000,
             "turns of each arm (20, or as many as leave each\n"
             "block half a second and five events)")
      .duration("--warmup", options.warm_up, "at most, until medians no longer move; 0: none (3s)")
      .count("-c, --clients", options.clients, 1, 10'000, "in parallel, in each arm (8)")
      .count("--seed", options.seed, 0, 1'000'000'000, "of the order, the phases and the gaps (1)")
      .flag("--no-priority", typed.no_priority,
            "leave the scheduling alone; otherwise real time where that\n"
            "is allowed, so that other programs do not delay the clients");
  parser.heading("Output")
      .choice("--format", report_formats, typed.format, "on stdout (text)")
      .texts("-o, --output", "FILE", typed.outputs,
             "write there, too: .json (everything, for `duplex report`),\n"
             ".csv, .md, .hgrm, .hlog, others text; repeatable")
      .flag("--discard-noisy", typed.report.discard_noisy,
            "leave out blocks in which the machine stood still for longer\n"
            "than five medians; they are counted in any case")
      .flag("--check", typed.check,
            "exit with 4 unless WebSocket < long < short polling and\n"
            "every mean is within 15 % + 2 ms of the prediction; with 5\n"
            "when the A/A band is wider than 20 %")
      .flag("--no-progress", typed.no_progress, "no line of progress on the terminal");
  return parser;
}

// What is wrong with --wire, or nothing.
std::string finish_link(Typed& typed) {
  if (typed.wire.empty()) return {};
  BenchOptions& options = typed.options;
  if (options.delay.count() > 0) return "--wire and --delay exclude each other";
  if (!options.server.empty()) return "--wire needs the bench's own server; leave out --server";
  typed.link.seed = options.seed;
  const std::string problem = wire::set_wire(typed.link, typed.wire);
  options.delay = typed.link.round_trip() / 2;
  return problem.empty() ? problem : "--wire: " + problem;
}

// What is wrong with the options, or nothing.
std::string finish(Typed& typed, std::vector<ArmSpec>& arms) {
  BenchOptions& options = typed.options;
  options.poisson = typed.distribution == "poisson";
  if (options.server.starts_with("http://")) options.server.erase(0, 7);
  while (options.server.ends_with('/')) options.server.pop_back();
  if (std::string problem = finish_link(typed); !problem.empty()) return problem;
  if (options.duration.count() == 0) return "--duration: must be above 0";
  if (options.poll_interval.count() == 0 && options.delay.count() == 0) {
    return "--poll: must be above 0, unless --delay paces the polls";
  }
  std::string unknown;
  auto made = make_arms(options.arms, unknown);
  if (!made) return "--arms: '" + unknown + "' is not one of " + std::string(arm_names);
  arms = *std::move(made);
  for (const ArmSpec& arm : arms) {
    if (arm.transport == measure::Transport::tcp && !options.server.empty()) {
      return "--arms: tcp needs the bench's own server; leave out --server";
    }
  }
  options.rounds = rounds_for(options, arms);
  return {};
}

std::string command_line_of(Arguments arguments) {
  std::string line = "duplex bench";
  for (const std::string_view word : arguments) line.append(" ").append(word);
  return line;
}

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

ExitCode publish(const Typed& typed, const BenchReport& report, bool interrupted) {
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

}  // namespace

ExitCode bench_command(Arguments arguments) {
  Typed typed;
  OptionParser parser = make_parser(typed);
  ExitCode exit = ExitCode::ok;
  if (!parse_or_explain(parser, arguments, exit)) return exit;
  std::vector<ArmSpec> arms;
  if (const std::string problem = finish(typed, arms); !problem.empty()) {
    complain("duplex bench: " + problem);
    return ExitCode::usage;
  }
  const auto can_be_written = [](const std::string& path) {
    return tools::can_be_written("duplex bench", path);
  };
  if (!std::all_of(typed.outputs.begin(), typed.outputs.end(), can_be_written)) {
    return ExitCode::usage;
  }
  std::unique_ptr<wire::Wire> link;
  if (!typed.wire.empty()) link = start_link(typed.link, typed.options);
  const std::string scheduling = typed.no_priority ? "normal" : raise_priority();
  BenchSession session(typed.options, arms, link.get());
  BenchRun run;
  try {
    run = session.run(!typed.no_progress);
  } catch (const BenchFailure& failure) {
    if (session.aborted()) return ExitCode::interrupted;
    complain("duplex bench: " + std::string(failure.what()));
    return ExitCode::could_not_connect;
  }
  run.scheduling = scheduling;
  run.environment = describe_environment(command_line_of(arguments));
  return publish(typed, make_report(std::move(run), typed.report), session.interrupted());
}

}  // namespace duplex::tools
