// How `duplex` ends: the exit codes of every subcommand.
#pragma once

namespace duplex::tools {

enum class ExitCode : int {
  ok = 0,
  usage = 1,  // or a result not written, a line not sent
  could_not_connect = 2,
  protocol_violation = 3,
  threshold_missed = 4,
  inconclusive = 5,
  interrupted = 130,  // 128 + SIGINT, as shells count
};

}  // namespace duplex::tools
