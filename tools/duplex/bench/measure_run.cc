// Measures once, as the command line says.
#include "measure_run.h"

#include <memory>
#include <utility>

#include "../command.h"
#include "bench_link.h"
#include "environment.h"
#include "plan.h"
#include "priority.h"
#include "session.h"

namespace duplex::tools {

void warn_of_few_events(const BenchOptions& options, const std::vector<ArmSpec>& arms) {
  const std::string warning = warning_of_few_events(options, arms);
  if (!warning.empty()) complain("duplex bench: " + warning);
}

Measured measure_run(BenchArguments& typed, const std::vector<ArmSpec>& arms,
                     const std::string& command_line) {
  const bool spins = typed.options.spins();
  std::string scheduling = "normal";
  // Beside who spins, a link that is less nice would starve: it begins afterwards.
  if (spins && !typed.no_priority) scheduling = raise_nice_value();
  std::unique_ptr<wire::Wire> link;
  if (!typed.wire.empty()) link = start_link(typed.link, typed.options);
  if (!spins && !typed.no_priority) scheduling = raise_priority();
  BenchSession session(typed.options, arms, link.get());
  BenchRun run;
  try {
    run = session.run(!typed.no_progress);
  } catch (const BenchFailure& failure) {
    if (session.aborted()) return {.exit = ExitCode::interrupted};
    complain("duplex bench: " + std::string(failure.what()));
    return {.exit = ExitCode::could_not_connect};
  }
  const bool failed = !session.problem().empty();
  if (failed) complain("duplex bench: " + session.problem());
  run.scheduling = scheduling;
  run.environment = describe_environment(command_line);
  run.environment["placement"] = session.placement();
  return {.exit = failed ? ExitCode::could_not_connect : ExitCode::ok,
          .report = make_report(std::move(run), typed.report),
          .interrupted = session.interrupted()};
}

}  // namespace duplex::tools
