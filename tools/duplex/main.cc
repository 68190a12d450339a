// duplex: full-duplex messaging on the command line. Finds the subcommand and runs it.
#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <new>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "command.h"
#include "duplex/version.h"

namespace duplex::tools {
namespace {

constexpr std::string_view first_lines =
    "duplex serve                                        # echo and event feed on port 9001\n"
    "duplex connect ws://127.0.0.1:9001/echo             # talk to it, line by line\n"
    "duplex connect ws://127.0.0.1:9001/feed/ws          # watch the feed\n"
    "duplex bench --delay 20ms --rate 10/s --poll 250ms  # WebSocket against polling, measured\n"
    "duplex check ws://127.0.0.1:9001/echo               # does a server keep to the RFC?\n"
    "duplex trace --explain                              # one connection, layer by layer\n"
    "duplex bench --help                                 # every option, with examples\n";

struct Command {
  std::string_view name;
  std::string_view purpose;
  ExitCode (*run)(Arguments arguments);
};

constexpr std::array commands{
    Command{"serve", "WebSocket echo, and one stream of events over four transports",
            serve_command},
    Command{"bench", "measure what WebSocket buys against polling, beside what theory predicts",
            bench_command},
    Command{"report", "show, merge and compare what bench has kept", report_command},
    Command{"claims", "what is often said of WebSocket and polling, held against this machine",
            claims_command},
    Command{"connect", "a WebSocket client for a person or a pipe", connect_command},
    Command{"load", "many clients at once: nothing lost, and what a connection costs",
            load_command},
    Command{"wire", "a link with a delay and losses, and commands on both of its sides",
            wire_command},
    Command{"check", "a conformance and attack suite for WebSocket servers and clients",
            check_command},
    Command{"trace", "one connection, layer by layer: every packet, every bit, in words",
            trace_command},
    Command{"autobahn-client", "an echo client for a fuzzing server", autobahn_client_command},
};

std::string usage() {
  std::string text = "Usage: duplex COMMAND [OPTIONS]\n\n";
  for (const Command& command : commands) {
    std::string name(command.name);
    name.resize(std::max<std::size_t>(name.size(), 7), ' ');
    text += "  " + name + "  " + std::string(command.purpose) + "\n";
  }
  return text +
         "\n'duplex COMMAND --help' explains each. Exit codes: 0 ok, 1 usage, 2 could not\n"
         "connect, 3 protocol violation, 4 threshold missed, 5 inconclusive, 130 interrupted.\n\n"
         "Examples\n" +
         std::string(first_lines);
}

std::string names() {
  std::string text;
  for (const Command& command : commands) {
    if (!text.empty()) text += &command == &commands.back() ? " and " : ", ";
    text += command.name;
  }
  return text;
}

ExitCode run(std::string_view name, Arguments arguments) {
  const auto* const found =
      std::find_if(commands.begin(), commands.end(),
                   [name](const Command& command) { return command.name == name; });
  if (found != commands.end()) return found->run(arguments);
  if (name == "--help" || name == "-h" || name == "help") return show(usage());
  if (name == "--version") return show("duplex " DUPLEX_VERSION "\n");
  complain("duplex: unknown command '" + std::string(name) + "'; there are " + names() +
           " ('duplex --help')");
  return ExitCode::usage;
}

}  // namespace
}  // namespace duplex::tools

int main(int argc, char** argv) {
  using namespace duplex::tools;
  occupy_standard_descriptors();
  std::signal(SIGPIPE, SIG_IGN);  // a closed stdout is a failed write, not a death
  const std::vector<std::string_view> words(argv + 1, argv + argc);
  if (words.empty()) {
    return static_cast<int>(show(first_lines));
  }
  try {
    return static_cast<int>(run(words.front(), Arguments(words).subspan(1)));
  } catch (const std::system_error& error) {
    complain("duplex: " + std::string(error.what()));
    return static_cast<int>(ExitCode::could_not_connect);
  } catch (const std::bad_alloc&) {
    std::fputs("duplex: there is not enough memory (ulimit -v, or the machine's)\n", stderr);
    return static_cast<int>(ExitCode::could_not_connect);
  }
}
