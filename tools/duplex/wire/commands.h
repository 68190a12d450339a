// Runs commands on the two sides of a link, and leaves nothing of them behind.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "../exit_code.h"

namespace duplex::tools::wire {

struct Command {
  std::string text = {};                // for `sh -c`; empty: none
  std::function<void()> enter = [] {};  // in the new process, before the command: its network
};

// Runs `server`, waits until something listens there, then runs `client`, which has the terminal,
// and ends what is left once that has ended. The client's exit code (128 and the signal it died
// of), or could_not_connect with a complaint when the server or the link ended too early. Signals
// go on to the client. `emulator` is the process of the link (-1: none), and stays.
ExitCode run_commands(const Command& server, const Command& client, pid_t emulator);

}  // namespace duplex::tools::wire
