// duplex wire: a link of our own, and commands on both of its sides.
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "../bench/relay.h"
#include "../command.h"
#include "../output_file.h"
#include "commands.h"
#include "link_report.h"
#include "self_test.h"
#include "wire.h"

namespace duplex::tools {
namespace {

using namespace wire;

constexpr std::string_view summary =
    "A link with a delay, a rate and losses, between two network namespaces: the command runs on\n"
    "the client's side (10.77.0.1), the server's command on the other (10.77.0.2), and every\n"
    "packet between them, TCP's handshake and acknowledgements too, goes over the link. Works as\n"
    "root, and without where user namespaces are allowed. Without --exec your shell runs there.\n"
    "The exit code is the command's.\n\n"
    "LINK is a profile, settings, or both: mobile; delay=20ms,loss=1%; home,up.rate=5mbit. The\n"
    "settings are those of the options below; \"up.\" is from client to server, \"down.\" back.";

constexpr std::string_view examples =
    "  duplex wire home --server-exec 'duplex serve --host {server} --port {port}' --port 9001 \\\n"
    "    --exec 'duplex connect --ping 1s ws://{server}:{port}/echo'\n"
    "  duplex wire --delay 20ms --jitter 2ms --loss 1% --rate 20mbit --queue 100ms --exec bash\n"
    "  duplex wire mobile,up.loss=5%,burst=4 --stats --exec 'ping -c 20 {server}'\n"
    "  duplex wire --outage 2s@5s --exec ...          # the cable is out from the 5th second on\n"
    "  duplex wire home --self-test                   # how exact is that on this machine?\n"
    "  duplex bench --wire mobile                     # the same link below a bench\n";

// Options as they were typed.
struct Typed {
  WireOptions options = {};
  std::string link = {};
  std::map<std::string, std::vector<std::string>, std::less<>> settings = {};
  std::string command = {};
  std::string server_command = {};
  std::uint64_t port = 0;
  std::string engine = "auto";
  bool self_test = false;
  std::string format = "text";
  bool stats = false;
  std::vector<std::string> outputs = {};
};

std::string_view help_of(std::string_view setting) {
  static const std::map<std::string_view, std::string_view> texts = {
      {"delay", "one way (0)"},
      {"jitter", "standard deviation of the delay (0)"},
      {"shape", "of the jitter: normal, uniform, pareto (normal)"},
      {"order", "kept, or free: jitter lets packets pass each other (kept)"},
      {"rate", "20mbit: packets take their time to be sent (at once)"},
      {"queue", "before the transmitter, in time or bytes: what does not\nfit is dropped (100ms)"},
      {"loss", "share of packets, as 1% (0)"},
      {"burst", "losses come in runs of this mean length (alone)"},
      {"gilbert",
       "P/R[/BAD[/GOOD]]: chances to turn bad and good again, and\n"
       "of losses in both states, as 1%/20%/100%/0%, which are\n"
       "the losses where they are left out"},
      {"reorder", "share of packets that is held back (0)"},
      {"reorder-by", "for how long (5ms)"},
      {"duplicate", "share of packets that arrive twice (0)"},
      {"outage", "LENGTH@START[/EVERY]: nothing passes; repeatable"}};
  return texts.at(setting);
}

OptionParser make_parser(Typed& typed) {
  OptionParser parser("duplex wire", std::string(summary), std::string(examples));
  parser.positional("LINK", typed.link, true, profile_names());
  parser.heading("Link, both ways");
  for (const SettingForm& form : setting_forms()) {
    parser.texts("--" + std::string(form.name), "VALUE", typed.settings[std::string(form.name)],
                 std::string(help_of(form.name)));
  }
  parser.count("--seed", typed.options.seed, 0, 1'000'000'000, "of all that is random (1)")
      .size("--mtu", typed.options.mtu, 576, 9000, "of a packet (1500)")
      .flag("--precise", typed.options.precise, "spin the last 100 µs before a packet is due");
  parser.heading("Commands")
      .text("--exec", "COMMAND", typed.command,
            "on the client's side; {server} and {port} are replaced")
      .text("--server-exec", "COMMAND", typed.server_command,
            "on the server's side; --exec begins once something listens\n"
            "there, and this is ended after it")
      .count("--port", typed.port, 1, 65535, "of the server, for {port}")
      .choice("--engine", {"auto", "tun", "veth", "relay"}, typed.engine,
              "what carries packets; relay, which auto uses at last and\n"
              "only with --port, holds back bytes of TCP alone (auto)");
  parser.heading("Accuracy")
      .flag("--self-test", typed.self_test,
            "send probes: asked against measured round trip and loss; exit\n"
            "code 5 when the machine is too noisy, 4 when others were lost,\n"
            "or nothing and TCP does not connect")
      .choice("--format", {"text", "json"}, typed.format, "of its result (text)");
  parser.heading("Output")
      .flag("--stats", typed.stats, "at the end, on stderr: what the link did")
      .texts("-o, --output", "FILE", typed.outputs,
             "the same, or what --self-test found: as text, or as JSON into\n"
             "a .json; repeatable");
  return parser;
}

// What is wrong with the settings, or nothing.
std::string finish(Typed& typed) {
  std::string problem = set_wire(typed.options, typed.link);
  for (const SettingForm& form : setting_forms()) {
    for (const std::string& value : typed.settings.at(std::string(form.name))) {
      const std::string setting = std::string(form.name) + "=" + value;
      if (problem.empty()) problem = set_wire(typed.options, setting);
    }
  }
  if (!problem.empty()) return problem;
  if (typed.self_test && (typed.engine == "relay" || !typed.command.empty())) {
    return "--self-test goes with neither --exec nor --engine relay";
  }
  if (typed.engine == "relay" && typed.port == 0) {
    problem = "--engine relay needs --port: which connections shall it delay?";
  }
  return problem;
}

std::string replaced(std::string text, const std::string& mark, const std::string& value) {
  for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos; at += value.size()) {
    text.replace(at, mark.size(), value);
  }
  return text;
}

std::string fill_in(const std::string& command, const std::string& server, std::uint64_t port) {
  return replaced(replaced(command, "{server}", server), "{port}", std::to_string(port));
}

std::string client_command(const Typed& typed) {
  if (!typed.command.empty()) return typed.command;
  const char* const shell = std::getenv("SHELL");
  return std::string("exec ") + (shell != nullptr && *shell != '\0' ? shell : "/bin/sh");
}

// False, with a complaint, when a file could not be written.
bool write_outputs(const Typed& typed, const std::string& text, const std::string& json) {
  bool written = true;
  for (const std::string& path : typed.outputs) {
    written = write_file("duplex wire", path, path.ends_with(".json") ? json : text) && written;
  }
  return written;
}

template <class Report>
bool report(const Typed& typed, const Report& report) {
  if (typed.stats) complain(render_text(report));
  return write_outputs(typed, render_text(report), render_json(report));
}

ExitCode run_relayed(const Typed& typed) {
  complain("duplex wire: " + std::string(relay_limits));
  const std::chrono::nanoseconds delay = typed.options.round_trip() / 2;
  RelayThread relay(delay);
  const auto port = static_cast<std::uint16_t>(typed.port);
  const net::Address address = relay.forward(*net::Address::parse("127.0.0.1", port));
  relay.start();
  const Command server = {.text = fill_in(typed.server_command, "127.0.0.1", typed.port)};
  const Command client = {.text = fill_in(client_command(typed), "127.0.0.1", address.port())};
  const ExitCode exit = run_commands(server, client, -1);
  relay.stop();
  const RelayReport result = {
      .options = typed.options, .delay = delay, .counters = relay.counters()};
  return report(typed, result) ? exit : ExitCode::usage;
}

ExitCode test_link(const Typed& typed, const Wire& link) {
  const SelfTest result = run_self_test(typed.options, link);
  const bool printed = print(typed.format == "json" ? result.json : result.text) != Written::no;
  const bool written = write_outputs(typed, result.text, result.json);
  return printed && written ? result.exit : ExitCode::usage;
}

ExitCode run_wired(const Typed& typed, const Wire& link) {
  const Command server = {.text = fill_in(typed.server_command, server_address, typed.port),
                          .enter = [&link] { link.enter_server(); }};
  const Command client = {.text = fill_in(client_command(typed), server_address, typed.port)};
  const ExitCode exit = run_commands(server, client, link.process());
  const LinkReport result = {.options = typed.options,
                             .engine = std::string(link.engine_name()),
                             .counters = &link.counters()};
  return report(typed, result) ? exit : ExitCode::usage;
}

ExitCode run(const Typed& typed) {
  if (typed.engine == "relay") return run_relayed(typed);
  const Engine engine = typed.engine == "tun"    ? Engine::tun
                        : typed.engine == "veth" ? Engine::veth
                                                 : Engine::automatic;
  std::optional<Wire> link;
  try {
    link.emplace(typed.options, engine);
  } catch (const Unavailable& why) {
    complain("duplex wire: " + std::string(why.what()));
    const bool may_relay = typed.engine == "auto" && typed.port != 0 && !typed.self_test;
    if (may_relay) return run_relayed(typed);
    return ExitCode::could_not_connect;
  }
  if (typed.self_test) return test_link(typed, *link);
  return run_wired(typed, *link);
}

}  // namespace

ExitCode wire_command(Arguments arguments) {
  Typed typed;
  OptionParser parser = make_parser(typed);
  ExitCode exit = ExitCode::ok;
  if (!parse_or_explain(parser, arguments, exit)) return exit;
  if (const std::string problem = finish(typed); !problem.empty()) {
    complain("duplex wire: " + problem);
    return ExitCode::usage;
  }
  for (const std::string& path : typed.outputs) {
    if (!can_be_written("duplex wire", path)) return ExitCode::usage;
  }
  return run(typed);
}

}  // namespace duplex::tools
