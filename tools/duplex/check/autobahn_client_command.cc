// duplex autobahn-client: the library's client, put through the cases of a fuzzing server.
#include <array>
#include <csignal>
#include <string>

#include "../command.h"
#include "autobahn_client.h"
#include "duplex/http/url.h"
#include "transcript.h"

namespace duplex::tools {
namespace {

constexpr std::string_view summary =
    "Echoes its way through the cases of a fuzzing server (Autobahn's wstest -m fuzzingserver, or\n"
    "duplex check --listen), asks how each was judged, and has the server write its reports. A\n"
    "line for each case that is not OK; 3 if any is FAILED or NON-STRICT, or if the server breaks\n"
    "the protocol where it is asked.";

constexpr std::string_view examples =
    "  duplex autobahn-client ws://127.0.0.1:9001\n"
    "  duplex autobahn-client --agent duplex-1.0 ws://127.0.0.1:9001\n";

// The paths of the cases are added to the URL, so it has none of its own.
std::string url_problem(const std::string& text) {
  const auto url = http::parse_url(text);
  if (!url) return std::string(describe(url.error()));
  if (!url->is_websocket()) return "not a ws: or ws+unix: URL";
  return url->path_and_query.find('?') == std::string::npos ? "" : "it must not have a query";
}

ExitCode report(const suite::AutobahnSummary& result) {
  if (!result.problem.empty()) {
    complain("duplex autobahn-client: " + result.problem);
    return result.violation ? ExitCode::protocol_violation : ExitCode::could_not_connect;
  }
  const Written written =
      print(std::to_string(result.case_count) + (result.case_count == 1 ? " case: " : " cases: ") +
            std::to_string(result.ok_count) + " OK, " + std::to_string(result.open_count) +
            " informational or unimplemented, " + std::to_string(result.bad_count) + " not OK\n");
  if (written == Written::no) return ExitCode::usage;
  return result.bad_count == 0 ? ExitCode::ok : ExitCode::protocol_violation;
}

}  // namespace

ExitCode autobahn_client_command(Arguments arguments) {
  std::string server;
  std::string agent = "duplex";
  OptionParser parser("duplex autobahn-client", std::string(summary), std::string(examples));
  parser.positional("URL", server, false, "of the fuzzing server: ws://HOST:PORT")
      .text("--agent", "NAME", agent, "what the server's reports call this client (duplex)");
  ExitCode exit = ExitCode::ok;
  if (!parse_or_explain(parser, arguments, exit)) return exit;
  if (const std::string problem = url_problem(server); !problem.empty()) {
    complain("duplex autobahn-client: '" + server + "': " + problem);
    return ExitCode::usage;
  }
  while (server.ends_with('/')) server.pop_back();
  EventLoop loop;
  bool interrupted = false;
  loop.on_signal(std::array{SIGINT, SIGTERM}, [&](int) {
    interrupted = true;
    loop.stop();
  });
  suite::AutobahnClient client(
      loop, server, agent, [](const std::string& behavior, const std::string& info) {
        print(suite::printable(behavior) + "  " + suite::printable(info) + '\n');
      });
  client.start();
  loop.run();
  return interrupted ? ExitCode::interrupted : report(client.summary());
}

}  // namespace duplex::tools
