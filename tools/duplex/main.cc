// duplex: full-duplex messaging on the command line. Finds the subcommand and runs it.
#include <csignal>
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
    "duplex bench --help                                 # every option, with examples\n";

constexpr std::string_view usage =
    "Usage: duplex COMMAND [OPTIONS]\n\n"
    "  serve    WebSocket echo, and one stream of events over four transports\n"
    "  bench    measure what WebSocket buys against polling, beside what theory predicts\n"
    "  report   show, merge and compare what bench has kept\n"
    "  connect  a WebSocket client for a person or a pipe\n"
    "  load     many clients at once: nothing lost, and what a connection costs\n"
    "  check    a conformance and attack suite for WebSocket servers and clients\n"
    "  autobahn-client  an echo client for a fuzzing server\n\n"
    "'duplex COMMAND --help' explains each. Exit codes: 0 ok, 1 usage, 2 could not connect,\n"
    "3 protocol violation, 4 threshold missed, 5 inconclusive, 130 interrupted.\n\nExamples\n";

ExitCode run(std::string_view command, Arguments arguments) {
  if (command == "serve") return serve_command(arguments);
  if (command == "bench") return bench_command(arguments);
  if (command == "report") return report_command(arguments);
  if (command == "connect") return connect_command(arguments);
  if (command == "load") return load_command(arguments);
  if (command == "check") return check_command(arguments);
  if (command == "autobahn-client") return autobahn_client_command(arguments);
  if (command == "--help" || command == "-h" || command == "help") {
    return show(std::string(usage) + std::string(first_lines));
  }
  if (command == "--version") {
    return show("duplex " DUPLEX_VERSION "\n");
  }
  complain("duplex: unknown command '" + std::string(command) +
           "'; there are serve, bench, report, connect, load, check and autobahn-client ('duplex "
           "--help')");
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
  }
}
