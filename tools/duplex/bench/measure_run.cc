// Measures once, as the command line says.
#include "measure_run.h"

#include <memory>
#include <utility>

#include "../command.h"
#include "bench_link.h"
#include "environment.h"
#include "priority.h"
#include "session.h"

namespace duplex::tools {

Measured measure_run(BenchArguments& typed, const std::vector<ArmSpec>& arms,
                     const std::string& command_line) {
  std::unique_ptr<wire::Wire> link;
  if (!typed.wire.empty()) link = start_link(typed.link, typed.options);
  const std::string scheduling = typed.no_priority ? "normal" : raise_priority();
  BenchSession session(typed.options, arms, link.get());
  BenchRun run;
  try {
    run = session.run(!typed.no_progress);
  } catch (const BenchFailure& failure) {
    if (session.aborted()) return {.exit = ExitCode::interrupted};
    complain("duplex bench: " + std::string(failure.what()));
    return {.exit = ExitCode::could_not_connect};
  }
  run.scheduling = scheduling;
  run.environment = describe_environment(command_line);
  return {.report = make_report(std::move(run), typed.report),
          .interrupted = session.interrupted()};
}

}  // namespace duplex::tools
