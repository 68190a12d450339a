// duplex check: a conformance and attack suite for WebSocket servers and clients.
#include <algorithm>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "../address_text.h"
#include "../command.h"
#include "../descriptor_limit.h"
#include "../output_file.h"
#include "../units.h"
#include "cases.h"
#include "client_check.h"
#include "duplex/http/url.h"
#include "report.h"
#include "server_check.h"

namespace duplex::tools {
namespace {

using namespace suite;

constexpr std::string_view summary =
    "Puts a WebSocket server (URL), or clients (--listen), through some 900 cases: whatever\n"
    "Autobahn's testsuite tries, under its numbers, and more: length forms, close codes, floods,\n"
    "broken compression, wrong openings, HTTP smuggling, bytes cut at every place. The peer must\n"
    "echo each message as it came. Each failure shows the section of the RFC, the bytes sent,\n"
    "what was expected and what came back, and the command that repeats it. Cases 12 and 13 send\n"
    "3 to 20 messages each, where Autobahn sends 1,000: with a URL the whole takes well under a\n"
    "minute. Clients may take a few: a slow one needs its time for each case (--exec), and those\n"
    "that come by themselves run them one by one (--listen).";

constexpr std::string_view examples =
    "  duplex check ws://127.0.0.1:9001/echo\n"
    "  duplex check --case '7.*' --case F72.1012 ws://127.0.0.1:9001/echo\n"
    "  duplex check -o report.html -o report.json -o junit.xml ws://127.0.0.1:9001/echo\n"
    "  duplex check --list                    # what there is\n"
    "  duplex check --exec 'duplex connect --echo --deflate {url}'  # a client, case after case\n"
    "  duplex check --listen 127.0.0.1:9001   # for clients that speak to Autobahn's server\n";

constexpr std::chrono::seconds shortest_timeout(1);

// Options as they were typed.
struct Typed {
  std::string where = {};  // a URL, or HOST:PORT to listen on
  std::string command = {};
  std::vector<std::string> wanted = {};
  std::vector<std::string> excluded = {};
  std::string agent = {};
  std::string format = "text";
  std::vector<std::string> outputs = {};
  std::chrono::nanoseconds timeout = std::chrono::seconds(5);
  std::uint64_t parallel = 16;
  std::uint64_t limit = no_limit;
  bool listen = false;
  bool once = false;
  bool list = false;
  bool no_progress = false;

  static constexpr std::uint64_t no_limit = 0;

  std::optional<std::uint64_t> known_limit() const noexcept {
    return limit == no_limit ? std::nullopt : std::optional(limit);
  }
  bool runs_commands() const noexcept { return !command.empty(); }
  bool waits_for_clients() const noexcept { return listen && !runs_commands(); }
  Role role() const noexcept { return listen || runs_commands() ? Role::server : Role::client; }
};

OptionParser make_parser(Typed& typed) {
  OptionParser parser("duplex check", std::string(summary), std::string(examples));
  parser.positional("URL|HOST[:PORT]", typed.where, true, "of an echo server, or to listen on");
  parser.heading("Clients")
      .flag("--listen", typed.listen,
            "be a server for clients, on HOST[:PORT] (127.0.0.1:9001), with\n"
            "the paths of Autobahn's fuzzing server: /getCaseCount,\n"
            "/runCase?case=N&agent=NAME, /getCaseStatus, /updateReports")
      .text("--exec", "'COMMAND {url}'", typed.command,
            "run this for each case (HOST[:PORT]: 127.0.0.1, any port); it\n"
            "must echo what the URL sends")
      .flag("--once", typed.once, "with --listen: end with the first /updateReports");
  parser.heading("Which cases")
      .texts("--case", "GLOB", typed.wanted, "only these, such as '6.*' or F10; repeatable")
      .texts("--exclude", "GLOB", typed.excluded, "not these; repeatable")
      .size("--limit", typed.limit, 2, std::uint64_t{256} << 20,
            "the peer's largest message, when it is known: adds the cases\n"
            "at its edge; Close 1009 for what is larger is INFORMATIONAL")
      .flag("--list", typed.list,
            "a table of the cases, without running them: those for servers,\n"
            "with --listen or --exec those for clients; with --limit those at\n"
            "its edge, too");
  parser.heading("How")
      .count("--parallel", typed.parallel, 1, 256,
             "cases at once (16); large ones two at a time, floods alone")
      .duration("--timeout", typed.timeout,
                "without a byte, in which a case fails (5s, at least 1s);\n"
                "large ones and floods get six times that, three that are about\n"
                "silence at least 12s");
  parser.heading("Output")
      .text("--agent", "NAME", typed.agent, "the server's name in reports (the URL)")
      .choice("--format", {"text", "json", "junit", "html"}, typed.format, "on stdout (text)")
      .texts("-o, --output", "FILE", typed.outputs,
             "write there, too: .json (with the members of Autobahn's\n"
             "index.json), .xml (JUnit), .html, others text; repeatable")
      .flag("--no-progress", typed.no_progress, "no line of progress on the terminal");
  return parser;
}

bool matches_any(const std::vector<std::string>& patterns, const std::string& id) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&id](const std::string& pattern) { return matches(pattern, id); });
}

std::vector<const Case*> choose(const Typed& typed, const Cases& cases) {
  const Role role = typed.role();
  std::vector<const Case*> chosen;
  for (const Case& item : cases) {
    const bool wanted = typed.wanted.empty() || matches_any(typed.wanted, item.id);
    if (wanted && !matches_any(typed.excluded, item.id) && is_for(item, role)) {
      chosen.push_back(&item);
    }
  }
  return chosen;
}

bool publish(const Typed& typed, const std::vector<Report>& reports) {
  const auto html = std::find_if(typed.outputs.begin(), typed.outputs.end(),
                                 [](const std::string& file) { return file.ends_with(".html"); });
  const std::string html_file = html == typed.outputs.end() ? "" : *html;
  bool written = print(render(typed.format, reports, html_file)) != Written::no;
  for (const std::string& path : typed.outputs) {
    const std::string text = render(format_for(path), reports, html_file);
    written = write_file("duplex check", path, text) && written;
  }
  return written;
}

// "412/900, 2 not right" on one line of a terminal.
class Progress {
 public:
  Progress(bool shown, std::size_t total) : shown_(shown && is_terminal(2)), total_(total) {}
  ~Progress() {
    if (shown_) std::fputs("\r\x1b[K", stderr);
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void add(const CaseResult& result) {
    ++done_;
    if (result.verdict() >= Verdict::non_strict) ++bad_;
    if (!shown_) return;
    std::fprintf(stderr, "\r\x1b[K%zu/%zu  %s  %zu not right", done_, total_, result.id.c_str(),
                 bad_);
  }

 private:
  bool shown_;
  std::size_t total_;
  std::size_t done_ = 0;
  std::size_t bad_ = 0;
};

net::Address resolve(const http::Url& url) {
  net::LinuxKernel kernel;
  if (!url.is_unix()) return resolve_address(kernel, url.host + ":" + std::to_string(url.port));
  const auto address = net::Address::unix_path(url.unix_path);
  if (!address) throw std::system_error(address.error(), url.unix_path);
  return *address;
}

ExitCode exit_for(const std::vector<Report>& reports, bool written, bool interrupted) {
  if (!written) return ExitCode::usage;
  if (interrupted) return ExitCode::interrupted;
  if (reports.empty()) return ExitCode::inconclusive;
  const bool all_pass = std::all_of(reports.begin(), reports.end(),
                                    [](const Report& report) { return report.all_pass(); });
  return all_pass ? ExitCode::ok : ExitCode::protocol_violation;
}

// What the cases, and what comes of one, depend on.
std::string case_options(const Typed& typed) {
  std::string options;
  if (typed.limit != Typed::no_limit) options += " --limit " + std::to_string(typed.limit);
  if (typed.timeout != Typed().timeout) options += " --timeout " + spell_duration(typed.timeout);
  return options;
}

// When the server was away: on stderr, too, where every format leaves it to be seen.
void note_absences(Report& report, const ServerCheck& check,
                   const std::vector<const Case*>& cases) {
  for (const Absence& absence : check.absences()) {
    for (std::string& line : explain(absence, report.repeat)) {
      complain("duplex check: " + line);
      report.notes.push_back(std::move(line));
    }
  }
  if (check.gone()) report.cut(describe(check.absences().back()), cases);
}

ExitCode check_server(const Typed& typed, const http::Url& url,
                      const std::vector<const Case*>& cases) {
  const Setting setting = {.role = Role::client,
                           .place = {.host = http::host_field(url), .path = url.path_and_query},
                           .timeout = std::chrono::duration_cast<milliseconds>(typed.timeout),
                           .limit = typed.known_limit()};
  ServerCheck check(resolve(url), setting, typed.parallel);
  Report report = {
      .agent = typed.agent.empty() ? typed.where : typed.agent,
      .repeat = "duplex check --case {case}" + case_options(typed) + " " + shell_word(typed.where)};
  if (const std::string problem = check.try_opening(); !problem.empty()) {
    complain("duplex check: " + typed.where + ": " + problem);
    return ExitCode::could_not_connect;
  }
  const auto start = net::Clock::now();
  std::vector<CaseResult> results;
  {
    Progress progress(!typed.no_progress, cases.size());
    results = check.run(cases, [&](const CaseResult& result) { progress.add(result); });
  }
  report.duration = std::chrono::duration_cast<milliseconds>(net::Clock::now() - start);
  auto item = cases.begin();
  for (CaseResult& result : results) {
    while ((*item)->id != result.id) ++item;
    report.cases.push_back({*item, std::move(result)});
  }
  note_absences(report, check, cases);
  if (check.interrupted()) report.cut("interrupted", cases);
  const bool is_gone = check.gone();
  const std::vector<Report> reports = {std::move(report)};
  const bool written = publish(typed, reports);
  return is_gone && written ? ExitCode::could_not_connect
                            : exit_for(reports, written, check.interrupted());
}

// Of the command that runs a case of a client again.
std::string client_case_options(const Typed& typed) {
  const bool elsewhere = typed.runs_commands() && !typed.where.empty();
  return case_options(typed) + (elsewhere ? " " + shell_word(typed.where) : "");
}

// Without a command the reports are written whenever a client asks for it.
ExitCode check_clients(const Typed& typed, const std::vector<const Case*>& cases) {
  net::LinuxKernel kernel;
  const std::uint16_t port = typed.runs_commands() ? 0 : 9001;
  const std::string where = typed.where.empty() ? "127.0.0.1" : typed.where;
  ClientCheck check({.address = resolve_address(kernel, where, port),
                     .timeout = std::chrono::duration_cast<milliseconds>(typed.timeout),
                     .parallel = typed.parallel,
                     .command = typed.command,
                     .limit = typed.known_limit(),
                     .case_options = client_case_options(typed),
                     .once = typed.once},
                    cases);
  complain(std::to_string(cases.size()) + (cases.size() == 1 ? " case" : " cases") + " at ws://" +
           check.address().text());
  bool written = true;
  {
    Progress progress(!typed.no_progress, cases.size());
    check.run([&](const auto& reports) { written = publish(typed, reports); },
              [&](const CaseResult& result) { progress.add(result); });
  }
  if (!check.hopeless().empty()) {
    complain("duplex check: --exec: '" + typed.command + "': " + check.hopeless());
    return ExitCode::could_not_connect;
  }
  const std::vector<Report> reports = check.reports();
  if (typed.runs_commands()) written = publish(typed, reports);
  return exit_for(reports, written, check.interrupted());
}

// Options that mean nothing beside the others, or in themselves.
std::string meaningless(const Typed& typed) {
  const bool times = typed.timeout != Typed().timeout || typed.parallel != Typed().parallel;
  const std::string wrong_place = address_problem(typed.where);
  return first_broken(
      {{typed.once && !typed.listen, "--once needs --listen"},
       {typed.once && typed.runs_commands(), "--once and --exec exclude each other"},
       {typed.runs_commands() && typed.command.find("{url}") == std::string::npos,
        "--exec: '" + typed.command + "' has no {url} in it: where would it connect to?"},
       {typed.waits_for_clients() && typed.parallel != Typed().parallel,
        "--parallel means nothing to clients that come by themselves (--listen without --exec)"},
       {typed.role() == Role::server && !typed.agent.empty(),
        "--agent: '" + typed.agent +
            "' means nothing to --listen and --exec: clients are called "
            "as they say, or by the command"},
       {typed.timeout < shortest_timeout,
        "--timeout: " + spell_duration(typed.timeout) +
            " is too short; at least 1s: half a second without a byte is how silence is known"},
       {typed.role() == Role::server && !typed.where.empty() && !wrong_place.empty(),
        std::string(typed.listen ? "--listen: " : "--exec: ") + wrong_place},
       {typed.list && typed.role() == Role::client && !typed.where.empty(),
        "--list runs nothing: '" + typed.where + "' means nothing to it"},
       {typed.list && !typed.outputs.empty(), "--list and --output exclude each other"},
       {typed.list && typed.format != "text", "--list is text: --format means nothing to it"},
       {typed.list && times, "--list runs nothing: --timeout and --parallel mean nothing to it"}});
}

// Whether the pattern means any case for that role.
bool means_any(const std::string& pattern, const Cases& cases, Role role) {
  return std::any_of(cases.begin(), cases.end(), [&](const Case& item) {
    return is_for(item, role) && matches(pattern, item.id);
  });
}

// About a pattern that no case for that role has to do with.
std::string describe_idle(const std::string& pattern, const Cases& cases, Role role) {
  const Role other = role == Role::client ? Role::server : Role::client;
  if (means_any(pattern, all_cases(1024), role)) {
    return "'" + pattern +
           "' needs --limit SIZE: it is about the edge of the peer's largest message";
  }
  if (!means_any(pattern, cases, other)) {
    return "no case is called '" + pattern + "'; --list shows which there are";
  }
  return "'" + pattern + "' is for " +
         (role == Role::client ? "clients only, with --listen or --exec"
                               : "servers only, with a URL");
}

// A pattern of --case or --exclude that no case has to do with; empty: none.
std::string idle_pattern(const Typed& typed, const Cases& cases) {
  const auto is_idle = [&](const std::string& pattern) {
    return !means_any(pattern, cases, typed.role());
  };
  for (const auto& [option, patterns] :
       {std::pair("--case", &typed.wanted), std::pair("--exclude", &typed.excluded)}) {
    const auto found = std::find_if(patterns->begin(), patterns->end(), is_idle);
    if (found == patterns->end()) continue;
    return std::string(option) + ": " + describe_idle(*found, cases, typed.role());
  }
  return {};
}

// Found out in the middle, all results would be lost.
std::string want_of_descriptors(const Typed& typed) {
  constexpr std::uint64_t besides = 16;  // for other things
  const std::uint64_t limit = raise_descriptor_limit();
  if (typed.parallel + besides <= limit) return {};
  return "--parallel: " + std::to_string(typed.parallel) + " cases at once need " +
         std::to_string(typed.parallel + besides) + " descriptors, and this process may have " +
         std::to_string(limit);
}

ExitCode refuse(const std::string& why) {
  complain("duplex check: " + why);
  return ExitCode::usage;
}

}  // namespace

ExitCode check_command(Arguments arguments) {
  Typed typed;
  OptionParser parser = make_parser(typed);
  ExitCode exit = ExitCode::ok;
  if (!parse_or_explain(parser, arguments, exit)) return exit;
  const Cases all = all_cases(typed.known_limit());
  if (const std::string why = meaningless(typed); !why.empty()) return refuse(why);
  if (const std::string why = idle_pattern(typed, all); !why.empty()) return refuse(why);
  const auto cases = choose(typed, all);
  if (cases.empty()) return refuse("--exclude leaves no case");
  if (typed.list) return show(list_cases(cases));
  if (const std::string why = want_of_descriptors(typed); !why.empty()) return refuse(why);
  const bool writable =
      std::all_of(typed.outputs.begin(), typed.outputs.end(),
                  [](const std::string& path) { return can_be_written("duplex check", path); });
  if (!writable) return ExitCode::usage;
  if (typed.role() == Role::server) return check_clients(typed, cases);
  if (typed.where.empty()) return refuse("URL is missing: an echo server's, ws://HOST[:PORT]/PATH");
  if (typed.where.find("://") == std::string::npos) {
    return refuse("'" + typed.where +
                  "' is no URL: without --listen or --exec that of an echo server is needed, "
                  "ws://HOST[:PORT]/PATH");
  }
  const auto url = http::parse_url(typed.where);
  if (!url) return refuse("'" + typed.where + "': " + std::string(describe(url.error())));
  if (!url->is_websocket()) return refuse("'" + typed.where + "': not a ws: or ws+unix: URL");
  return check_server(typed, *url, cases);
}

}  // namespace duplex::tools
