// duplex load: many WebSocket clients at once, and what became of their messages.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "../bench/child_server.h"
#include "../command.h"
#include "../descriptor_limit.h"
#include "../serve/serve_loop.h"
#include "../units.h"
#include "duplex/http/url.h"
#include "duplex/websocket/deflate_parameters.h"
#include "load_message.h"
#include "load_processes.h"
#include "load_report.h"
#include "memory_watch.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view summary =
    "Opens many WebSockets, sends messages that an echo server sends back, and checks each byte,\n"
    "the order, and that none is lost. Latency counts from the instant at which a message was\n"
    "due. Without a URL it starts 'duplex serve' itself, and tells its CPU, its memory and\n"
    "how that grows.";

constexpr std::string_view examples =
    "  duplex load                                              # 64 connections, closed loop\n"
    "  duplex load -c 10000 --rate 20k/s --duration 1m          # open loop over 10,000\n"
    "  duplex load -c 10000 --hold --duration 1m                # idle: what does one cost?\n"
    "  duplex load -c 100 --connect-rate 2k/s --visit 1         # churn: open, echo, close\n"
    "  duplex load -c 10000 --storms 5                          # all are reset, all come back\n"
    "  duplex load -c 1000 --feed ws://127.0.0.1:9001/feed/ws   # broadcast: every event arrives\n"
    "  duplex load -c 60k --processes 4 --spread ws://127.0.0.1:9001/echo\n";

constexpr std::size_t smallest_deflated = websocket::DeflateOptions{}.threshold;  // bytes
constexpr std::size_t largest_deflated = websocket::DeflateOptions{}.max_size;
const std::uint64_t own_server_takes = ServeOptions{}.max_message_size;  // bytes of a message
constexpr std::size_t descriptors_besides = 64;  // that a process needs for other things

// Options as they were typed.
struct Typed {
  LoadPlan plan = {};
  std::uint64_t connections = 64;
  std::uint64_t outstanding = 1;
  std::uint64_t size = 125;
  std::uint64_t visit = 0;
  std::uint64_t storms = 0;
  std::uint64_t processes = 1;
  std::uint64_t stalled_percent = 0;
  std::uint64_t server_process = 0;
  std::string format = "text";
};

OptionParser make_parser(Typed& typed) {
  OptionParser parser("duplex load", std::string(summary), std::string(examples));
  LoadOptions& options = typed.plan.options;
  options.duration = 10s;
  options.patience = 5s;
  parser.positional("URL", options.url, true, "of an echo; none: a server of its own");
  parser.heading("Connections")
      .count("-c, --connections", typed.connections, 1, 1'000'000, "in all (64)")
      .rate("--connect-rate", options.connect_rate,
            "openings per second (all at once);\none that takes 30 s has failed")
      .count("--processes", typed.processes, 1, 250, "that share the connections, 250 at most (1)")
      .flag("--spread", typed.plan.spread,
            "process i connects to 127.0.0.(1 + i): each address has 64,000 ports of its own")
      .count("--visit", typed.visit, 1, 1'000'000,
             "close after this many echoes, and open a new one (never)")
      .count("--storms", typed.storms, 0, 1000, "times that all are reset at once (0)")
      .count("--stalled", typed.stalled_percent, 0, 99, "percent of them never read (0)");
  parser.heading("Messages")
      .rate("-r, --rate", options.message_rate,
            "messages per second in all, at random instants (a closed loop)")
      .count("--outstanding", typed.outstanding, 1, 100'000,
             "closed loop: messages under way on each connection (1)")
      .size("--size", typed.size, smallest_load_message, 1U << 30,
            "bytes of a message, 32 at least and 1GiB at most (125)")
      .flag("--binary", options.binary, "binary messages, not text")
      .flag("--deflate", options.deflate,
            "offer compression (permessage-deflate), for messages of 128 bytes to 1 MiB")
      .flag("--hold", options.hold, "send nothing, but for a ping at the end")
      .flag("--feed", options.feed, "send nothing, and check the events of 'serve's /feed/ws");
  parser.heading("Run")
      .duration("-d, --duration", options.duration, "from the moment that all are open (10s)")
      .duration("--patience", options.patience, "for what is under way at the end (5s)")
      .count("--server-pid", typed.server_process, 1, 4'194'304, "whose memory and CPU to tell")
      .count("--seed", typed.plan.seed, 0, 1'000'000'000, "of the random instants (1)")
      .choice("--format", {"text", "json"}, typed.format, "of the result (text)");
  return parser;
}

std::string url_problem(const LoadPlan& plan) {
  const std::string& text = plan.options.url;
  if (text.empty()) return {};  // a server of its own
  const auto url = http::parse_url(text);
  if (!url) return "'" + text + "': " + std::string(describe(url.error()));
  if (!url->is_websocket()) return "'" + text + "': not a ws: or ws+unix: URL";
  if (!plan.spread || url->host == "127.0.0.1") return {};
  return "--spread is for servers at 127.0.0.1, not '" + text + "'";
}

// Options that mean nothing beside the others.
std::string meaningless(const Typed& typed) {
  const LoadOptions& options = typed.plan.options;
  const bool open_loop = options.message_rate > 0;
  const bool silent = options.hold || options.feed;
  const std::string silence = options.hold ? "--hold" : "--feed";
  const bool speaks = open_loop || options.binary || typed.outstanding != Typed().outstanding ||
                      typed.size != Typed().size || typed.visit != Typed().visit;
  const auto process = static_cast<pid_t>(typed.server_process);
  const std::string percent = std::to_string(typed.stalled_percent);
  const std::string connections = std::to_string(typed.connections);
  const std::string processes = std::to_string(typed.processes);
  return first_broken(
      {{options.hold && options.feed, "--hold and --feed exclude each other"},
       {silent && speaks,
        silence + " sends nothing: --rate, --outstanding, --size, --binary and --visit mean "
                  "nothing to it"},
       {options.hold && typed.stalled_percent != 0,
        "--stalled: with --hold there is nothing to read"},
       {open_loop && typed.outstanding != Typed().outstanding,
        "--outstanding is for the closed loop, without --rate"},
       {options.deflate && !silent && typed.size < smallest_deflated,
        "--deflate: messages of " + std::to_string(typed.size) + " bytes (--size) are below " +
            std::to_string(smallest_deflated) + " and never compressed"},
       {options.deflate && !silent && typed.size > largest_deflated,
        "--deflate: messages of " + std::to_string(typed.size) + " bytes (--size) are above " +
            std::to_string(largest_deflated) + " and never compressed"},
       {options.url.empty() && !silent && typed.size > own_server_takes,
        "--size: " + spell_size(typed.size) + " is more than the " + spell_size(own_server_takes) +
            " that a server of its own takes; start 'duplex serve --max-message " +
            spell_size(typed.size) + "', and give its URL"},
       {typed.processes > typed.connections,
        "--processes: " + processes + " cannot share " + connections + " connections"},
       {typed.stalled_percent * (typed.connections / typed.processes) < 100 &&
            typed.stalled_percent != 0,
        "--stalled: " + percent + " percent of the connections of a process (" + connections +
            " in " + processes + ") are none"},
       {typed.plan.spread && typed.processes == 1, "--spread needs --processes"},
       {process != 0 && options.url.empty(), "--server-pid needs the URL of that server"},
       {process != 0 && !process_use(process),
        "--server-pid: there is no process " + std::to_string(process)}});
}

// What is wrong with the options taken together; empty: nothing.
std::string finish(Typed& typed) {
  LoadPlan& plan = typed.plan;
  LoadOptions& options = plan.options;
  options.connections = typed.connections;
  options.outstanding = typed.outstanding;
  options.message_size = typed.size;
  options.messages_per_visit = typed.visit;
  options.storms = typed.storms;
  options.stalled_share = static_cast<double>(typed.stalled_percent) / 100;
  plan.processes = typed.processes;
  if (std::string problem = url_problem(plan); !problem.empty()) return problem;
  if (std::string problem = meaningless(typed); !problem.empty()) return problem;
  const std::uint64_t limit = raise_descriptor_limit();
  const std::uint64_t needed = options.connections / plan.processes + descriptors_besides;
  if (needed > limit) {
    return "--connections: a process would need " + std::to_string(needed) +
           " descriptors and may have " + std::to_string(limit) + "; use more --processes";
  }
  return {};
}

// Of a server of our own.
std::vector<std::string> server_arguments(const LoadPlan& plan) {
  std::vector<std::string> words = {"--host", plan.spread ? "0.0.0.0" : "127.0.0.1"};
  if (plan.options.deflate) words.emplace_back("--deflate");  // that of the feed
  return words;
}

ExitCode run(Typed& typed) {
  std::optional<ChildServer> child;
  if (typed.plan.options.url.empty()) {
    child.emplace(server_arguments(typed.plan));
    const std::string& address = child->http_address();
    const std::string path = typed.plan.options.feed ? "/feed/ws" : "/echo";
    typed.plan.options.url = "ws://127.0.0.1" + address.substr(address.rfind(':')) + path;
    typed.server_process = static_cast<std::uint64_t>(child->process());
  }
  const auto process = static_cast<pid_t>(typed.server_process);
  const auto use = [process] { return process == 0 ? std::nullopt : process_use(process); };
  MemoryWatch memory(typed.plan.options.duration,
                     [process] { return process == 0 ? std::nullopt : resident_size(process); });
  ServerUse server = {.before = use()};
  const auto [tally, interrupted] =
      run_load(typed.plan, {.on_ramp = [&] { server.ramped = use(); },
                            .look = [&](auto since_ramp) { return memory.look(since_ramp); }});
  server.after = use();
  server.growth = memory.per_second();
  server.has_ended = process != 0 && !server.after;
  if (server.has_ended && child) server.status = child->wait();
  const Written written = print(typed.format == "json" ? load_json(typed.plan, tally, server)
                                                       : load_text(typed.plan, tally, server));
  if (written == Written::no) return ExitCode::usage;
  if (interrupted) return ExitCode::interrupted;
  if (tally.opened == 0) return ExitCode::could_not_connect;
  if (!tally.is_faultless() || server.has_ended) return ExitCode::threshold_missed;
  if (typed.plan.options.hold || tally.received > 0) return ExitCode::ok;
  complain("duplex load: nothing was received, so nothing was checked");
  return ExitCode::inconclusive;
}

}  // namespace

ExitCode load_command(Arguments arguments) {
  Typed typed;
  OptionParser parser = make_parser(typed);
  ExitCode exit = ExitCode::ok;
  if (!parse_or_explain(parser, arguments, exit)) return exit;
  if (const std::string problem = finish(typed); !problem.empty()) {
    complain("duplex load: " + problem);
    return ExitCode::usage;
  }
  return run(typed);
}

}  // namespace duplex::tools
