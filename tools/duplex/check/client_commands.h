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
  // The index of one that has ended, which is then forgotten.
  std::optional<std::size_t> take_ended(Clock::time_point now);

 private:
  struct Running {
    pid_t process;
    std::size_t index;
    Clock::time_point end;
  };

  std::vector<Running> running_;
};

}  // namespace duplex::tools::suite
