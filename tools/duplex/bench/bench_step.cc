// One of several measurements, in a process of its own.
#include "bench_step.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <string_view>
#include <system_error>
#include <utility>

#include "../command.h"
#include "measure_run.h"
#include "render.h"
#include "run_json.h"

namespace duplex::tools {
namespace {

std::vector<std::string_view> views_of(const std::vector<std::string>& words) {
  return {words.begin(), words.end()};
}

// In the child: the run as JSON into `output`.
[[noreturn]] void measure_and_exit(BenchStep& step, int output) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  const Measured measured = measure_run(step.typed, step.arms, line_of(step));
  bool written = measured.report.has_value();
  if (written) {
    const std::string text = render_json(*measured.report);
    std::FILE* const file = fdopen(output, "w");
    written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
    written = std::fclose(file) == 0 && written;
  }
  const ExitCode exit = measured.interrupted ? ExitCode::interrupted : measured.exit;
  std::fflush(nullptr);
  _exit(static_cast<int>(written || measured.exit != ExitCode::ok ? exit : ExitCode::usage));
}

std::string read_all(int input) {
  std::string text;
  std::array<char, 65536> part;
  ssize_t size = 0;
  while ((size = read(input, part.data(), part.size())) > 0) {
    text.append(part.data(), static_cast<std::size_t>(size));
  }
  return text;
}

// Of a child that could not say it itself.
void complain_of(const BenchStep& step, int status, const Result<BenchRun, std::string>& run) {
  const std::string place = "duplex bench: (in " + line_of(step) + ") ";
  if (WIFSIGNALED(status)) {
    complain(place + "ended by signal " + std::to_string(WTERMSIG(status)));
  } else if (WEXITSTATUS(status) == 0 && !run) {
    complain(place + "its report cannot be read: " + run.error());
  }
}

}  // namespace

std::string line_of(const BenchStep& step) { return command_line_of(views_of(step.words)); }

bool read_step(BenchStep& step) {
  OptionParser parser = bench_parser(step.typed);
  const ParseOutcome outcome = parser.parse(views_of(step.words));
  const bool parsed = outcome.kind == ParseOutcome::Kind::run;
  std::string problem = parsed ? finish(parser, step.typed, step.arms) : outcome.message;
  if (problem.empty()) return true;
  constexpr std::string_view own_name = "duplex bench: ";  // the parser has said it
  if (problem.starts_with(own_name)) problem.erase(0, own_name.size());
  const std::string place = step.place.empty() ? "" : step.place + ": ";
  complain(std::string(own_name) + place + problem + " (in " + line_of(step) + ")");
  return false;
}

ExitCode measure_step(BenchStep& step, std::optional<BenchReport>& report) {
  std::array<int, 2> ends = {};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::system_category(), "pipe2");
  }
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child < 0) throw std::system_error(errno, std::system_category(), "fork");
  if (child == 0) {
    close(ends[0]);
    measure_and_exit(step, ends[1]);
  }
  close(ends[1]);
  const std::string text = read_all(ends[0]);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  auto run = read_run(text);
  complain_of(step, status, run);
  if (run) report = make_report(*std::move(run), step.typed.report);
  return WIFEXITED(status) ? static_cast<ExitCode>(WEXITSTATUS(status)) : ExitCode::interrupted;
}

IgnoredInterrupts::IgnoredInterrupts() : before_(std::signal(SIGINT, SIG_IGN)) {}

IgnoredInterrupts::~IgnoredInterrupts() { std::signal(SIGINT, before_); }

}  // namespace duplex::tools
