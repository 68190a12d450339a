// The commands that run clients, one for each case.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace duplex::tools::suite {

// Owner and thread: the check's. Commands run in process groups of their own, with their output
// thrown away; those that are left are killed by the destructor.
class ClientCommands {
 public:
  using Clock = std::chrono::steady_clock;

  ClientCommands() = default;
  ~ClientCommands();
  ClientCommands(const ClientCommands&) = delete;
  ClientCommands& operator=(const ClientCommands&) = delete;

  // Starts `command` in a shell; throws std::system_error. It is killed at `end`.
  void start(const std::string& command, std::size_t index, Clock::time_point end);
  // Gives it another end: its case has begun, or is over.
  void set_end(std::size_t index, Clock::time_point end);
  struct Ended {
    std::size_t index;
    int status;  // of waitpid(2)
    bool late;   // it was killed at its end
  };
  // One that has ended, which is then forgotten.
  std::optional<Ended> take_ended(Clock::time_point now);

 private:
  struct Running {
    pid_t process;
    std::size_t index;
    Clock::time_point end;
    bool late = false;
  };

  std::vector<Running> running_;
};

// "ended (exit code 127: not found)", "was killed, after all its time,".
std::string describe(const ClientCommands::Ended& ended);
// A shell has not found the command, or may not run it: it will not with another case either.
bool is_no_command(int status) noexcept;

}  // namespace duplex::tools::suite
