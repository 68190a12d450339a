// duplex trace: one connection, layer by layer.
#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "../capture/capture_reader.h"
#include "../command.h"
#include "../connect/message_text.h"
#include "../connect/opening_problem.h"
#include "../output_file.h"
#include "live_trace.h"
#include "own_network.h"
#include "render.h"
#include "watch.h"

namespace duplex::tools {
namespace {

using namespace trace;

constexpr std::string_view summary =
    "Shows one WebSocket connection layer by layer, in the order in which it happened: SYN,\n"
    "SYN-ACK and ACK with their numbers and options; request and answer, and how\n"
    "Sec-WebSocket-Accept comes about; each frame bit by bit; ping, pong, Close, FIN; what was\n"
    "sent again. With a URL it makes the connection itself: messages, a ping, Close. Without one\n"
    "it brings a server of its own, in a network of its own, which needs no root where the system\n"
    "allows user namespaces.\n"
    "C→S is what the client sends, C←S what the server does; L4 is layer 4 of the OSI model.";

constexpr std::string_view examples =
    "  duplex trace                                  # a server of its own\n"
    "  duplex trace --explain                        # the same, for who sees it first\n"
    "  duplex trace ws://127.0.0.1:9001/echo         # packets need root, else the socket is told\n"
    "  duplex trace --send one --send two --deflate  # what is said, and compressed\n"
    "  duplex trace --layer 2,3,4,5,6,7              # all that there is\n"
    "  sudo duplex trace --port 9001                 # the next connection of somebody else\n"
    "  duplex trace -o story.pcapng -o story.html    # for Wireshark; for a browser\n"
    "  duplex trace --from story.pcapng              # tell any capture (pcapng, pcap)\n";

struct Typed {
  Script script = {};
  std::vector<std::string> messages = {};
  std::vector<std::string> headers = {};
  std::vector<std::string> layers = {};
  std::string from = {};
  std::string interface = "lo";
  std::string format = "text";
  std::vector<std::string> outputs = {};
  std::uint64_t port = 0;
  std::uint64_t connection = 1;
  std::uint64_t code = 1000;
  std::uint64_t shown = 64;
  bool deflate = false;
  bool no_ping = false;
  bool explain = false;
  bool no_color = false;
};

OptionParser make_parser(Typed& typed) {
  OptionParser parser("duplex trace", std::string(summary), std::string(examples));
  parser.positional("URL", typed.script.url, true, "ws://HOST[:PORT]/PATH");
  parser.heading("What is traced")
      .count("--port", typed.port, 1, 65535,
             "instead: somebody else's connection to this port of a server,\n"
             "until it ends or Ctrl-C; needs the right to capture")
      .text("--interface", "NAME", typed.interface, "with --port: where its packets pass (lo)")
      .text("--from", "FILE", typed.from, "instead: a capture, pcapng or pcap, of 256 MiB at most")
      .count("--connection", typed.connection, 1, 1'000'000'000,
             "with --from and --port: which one, in their order (1)");
  parser.heading("What is said")
      .texts("--send", "TEXT", typed.messages,
             "a message; repeatable, each is sent after a reply (hello)")
      .flag("--no-ping", typed.no_ping, "no ping after the messages")
      .count("--code", typed.code, 1000, 4999, "of our Close frame (1000)")
      .duration("--patience", typed.script.patience, "for each reply (2s)")
      .texts("-H, --header", "'NAME: VALUE'", typed.headers, "a field of the request; repeatable")
      .list("--subprotocol", "A,B", typed.script.connect.subprotocols, "offered subprotocols")
      .flag("--deflate", typed.deflate, "offer compression (permessage-deflate, RFC 7692)")
      .text("--origin", "ORIGIN", typed.script.connect.origin, "as a browser would send it");
  parser.heading("What is shown")
      .list("--layer", "N,N", typed.layers, "layers of the OSI model, 2 to 7 (4,7)")
      .flag("--explain", typed.explain, "states, and a paragraph on each kind of line")
      .size("--bytes", typed.shown, 1, 65536, "of each payload, at most (64)");
  parser.heading("Output")
      .choice("--format", {"text", "json", "html", "pcapng"}, typed.format, "on stdout (text)")
      .texts("-o, --output", "FILE", typed.outputs,
             "write there, too: .json, .html, .pcapng (a comment on each\n"
             "packet, right checksums), others text; repeatable")
      .flag("--no-color", typed.no_color, "no colours on a terminal");
  return parser;
}

ExitCode refuse(const std::string& why) {
  complain("duplex trace: " + why);
  return ExitCode::usage;
}

// --- Options -------------------------------------------------------------------------------------

std::string layer_problem(const Typed& typed, View& view) {
  if (!typed.layers.empty()) view.layers.clear();
  for (const std::string& layer : typed.layers) {
    if (layer.size() != 1 || layer[0] < '2' || layer[0] > '7') {
      return "--layer: '" + layer + "' is not a layer from 2 to 7";
    }
    view.layers.insert(layer[0] - '0');
  }
  return "";
}

std::string script_problem(Typed& typed) {
  Script& script = typed.script;
  if (!typed.messages.empty()) script.messages = typed.messages;
  script.ping = !typed.no_ping;
  script.code = static_cast<CloseCode>(typed.code);
  if (!websocket::is_sendable(script.code)) {
    return "--code: " + std::to_string(typed.code) + " may not be sent (RFC 6455 section 7.4)";
  }
  if (typed.deflate) {
    script.connect.deflate = websocket::DeflateOptions{
        .threshold = 0, .context_takeover = true, .peer_context_takeover = true};
  }
  for (const std::string& header : typed.headers) {
    auto field = parse_header(header);
    if (!field) return "--header: '" + header + "' is not of the form 'Name: value'";
    script.connect.fields.push_back(*std::move(field));
  }
  return opening_problem(script.url.empty() ? "ws://127.0.0.1/" : script.url, script.connect);
}

// What is said is said by a client of ours.
constexpr std::array of_scripts = {"--send",   "--no-ping",     "--code",    "--patience",
                                   "--header", "--subprotocol", "--deflate", "--origin"};

std::string source_problem(const OptionParser& parser, const Typed& typed) {
  const int sources =
      int{!typed.script.url.empty()} + int{typed.port != 0} + int{!typed.from.empty()};
  if (sources > 1) return "URL, --port and --from exclude each other";
  const auto given = [&parser](const char* name) { return parser.given(name).has_value(); };
  const bool is_ours = typed.port == 0 && typed.from.empty();
  if (given("--interface") && typed.port == 0) return "--interface needs --port";
  if (given("--connection") && is_ours) return "--connection needs --port or --from";
  const auto* const said = std::find_if(of_scripts.begin(), of_scripts.end(), given);
  if (is_ours || said == of_scripts.end()) return "";
  return std::string(*said) + ": nothing is said with " + (typed.port != 0 ? "--port" : "--from");
}

// --- Output --------------------------------------------------------------------------------------

std::string format_for(std::string_view path) {
  for (const std::string_view format : {"json", "html", "pcapng"}) {
    if (path.ends_with("." + std::string(format))) return std::string(format);
  }
  return "text";
}

std::string render(std::string_view format, const Story& story, const View& view) {
  if (format == "json") return render_json(story, view);
  if (format == "html") return render_html(story, view);
  if (format == "pcapng") return render_pcapng(story);
  return render_text(story, view);
}

// Text may have been told already, step by step. Without packets all but a pcapng is told.
bool publish(const Typed& typed, const Story& story, const View& view, bool told) {
  const auto lacks_packets = [&story](std::string_view format) {
    return format == "pcapng" && story.packets.empty();
  };
  bool lacking = lacks_packets(typed.format);
  bool written = told || lacking || print(render(typed.format, story, view)) != Written::no;
  View plain = view;
  plain.color = plain.terminal = false;
  for (const std::string& path : typed.outputs) {
    const std::string format = format_for(path);
    if (lacks_packets(format)) {
      lacking = true;
    } else {
      written = write_file("duplex trace", path, render(format, story, plain)) && written;
    }
  }
  if (!lacking) return written;
  complain("duplex trace: there are no packets for a pcapng: nothing could be captured");
  return false;
}

// --- Sources -------------------------------------------------------------------------------------

ExitCode tell_live(const Typed& typed, const LiveResult& result, const View& view) {
  if (result.story.steps.empty()) {
    const std::string whose = typed.script.url.empty() ? "" : typed.script.url + ": ";
    complain("duplex trace: " + whose + result.problem);
    return result.exit;
  }
  const bool written = publish(typed, result.story, view, false);
  if (!result.problem.empty()) complain("duplex trace: " + result.problem);
  return written ? result.exit : ExitCode::usage;
}

ExitCode trace_alone(const Typed& typed, const View& view) {
  const std::error_code error = enter_own_network();
  LiveResult result = trace_own_server(typed.script, typed.shown);
  if (error) {
    result.story.remarks.push_back(
        "a network of its own was refused (" + error.message() +
        "; it takes root, or user namespaces for everyone: sysctl user.max_user_namespaces above "
        "0, kernel.apparmor_restrict_unprivileged_userns=0): this is the machine's own loopback");
  }
  return tell_live(typed, result, view);
}

ExitCode tell_file(const Typed& typed, const View& view) {
  const auto file = read_file("duplex trace", typed.from);
  if (!file) return ExitCode::usage;
  const auto capture = read_capture(as_bytes(*file));
  if (!capture) {
    return refuse(typed.from + ": " + capture.error().what + " (at byte " +
                  std::to_string(capture.error().offset) + ")");
  }
  Narrator narrator({.connection = typed.connection, .shown = typed.shown});
  for (const CapturedPacket& packet : capture->packets) narrator.add(packet);
  if (!narrator.began()) {
    complain("duplex trace: " + typed.from + ": there is no TCP connection number " +
             std::to_string(typed.connection) + " in it" +
             (capture->remark.empty() ? "" : "; " + capture->remark));
    return ExitCode::inconclusive;
  }
  Story story = narrator.finish();
  if (!capture->remark.empty()) story.remarks.push_back(capture->remark);
  return publish(typed, story, view, false) ? ExitCode::ok : ExitCode::usage;
}

ExitCode cannot_watch(const Typed& typed, const std::system_error& error) {
  const bool is_forbidden = error.code() == std::errc::operation_not_permitted ||
                            error.code() == std::errc::permission_denied;
  if (!is_forbidden) {
    complain("duplex trace: --interface " + typed.interface +
             ": packets cannot be captured there: " + error.code().message());
    return ExitCode::could_not_connect;
  }
  complain("duplex trace: packets cannot be captured here (" + std::string(error.what()) +
           "): root may, and whoever has CAP_NET_RAW");
  return ExitCode::could_not_connect;
}

ExitCode watch_port(const Typed& typed, const View& view) {
  const auto port = static_cast<std::uint16_t>(typed.port);
  TextTeller teller(view);
  const bool tells = typed.format == "text";
  Watch order = {
      .port = port,
      .interface = typed.interface,
      .narrator = {.server_port = port, .connection = typed.connection, .shown = typed.shown}};
  if (tells) {
    order.on_step = [&teller](const Story& story, const Step& step) {
      if (step.number == 1) print(teller.beginning(story));
      print(teller.step(step));
    };
  }
  if (is_terminal(2)) complain("waiting for a connection to port " + std::to_string(port));
  const WatchResult result = watch(order);
  if (result.story.steps.empty()) return ExitCode::interrupted;
  if (tells) print(teller.ending(result.story));
  if (!publish(typed, result.story, view, tells)) return ExitCode::usage;
  return result.interrupted ? ExitCode::interrupted : ExitCode::ok;
}

}  // namespace

ExitCode trace_command(Arguments arguments) {
  Typed typed;
  OptionParser parser = make_parser(typed);
  ExitCode exit = ExitCode::ok;
  if (!parse_or_explain(parser, arguments, exit)) return exit;
  View view = {.explain = typed.explain, .color = !typed.no_color && color_wanted(1)};
  view.terminal = is_terminal(1);
  if (view.terminal) view.width = std::clamp<std::size_t>(terminal_columns(1), 60, 160);
  for (const std::string& problem :
       {source_problem(parser, typed), layer_problem(typed, view), script_problem(typed)}) {
    if (!problem.empty()) return refuse(problem);
  }
  if (typed.format == "pcapng" && is_terminal(1)) {
    return refuse("a pcapng is no text for a terminal: write it to a file (-o FILE.pcapng)");
  }
  for (const std::string& path : typed.outputs) {
    if (!can_be_written("duplex trace", path)) return ExitCode::usage;
  }
  if (!typed.from.empty()) return tell_file(typed, view);
  if (typed.port != 0) {
    try {
      return watch_port(typed, view);
    } catch (const std::system_error& error) {
      return cannot_watch(typed, error);
    }
  }
  if (typed.script.url.empty()) return trace_alone(typed, view);
  return tell_live(typed, trace_url(typed.script, typed.shown), view);
}

}  // namespace duplex::tools
