// duplex connect: a WebSocket client for a person or a pipe.
#include <array>
#include <bit>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "../command.h"
#include "comparison.h"
#include "console.h"
#include "conversation.h"
#include "duplex/http/url.h"
#include "duplex/net/linux_kernel.h"
#include "edited_input.h"
#include "event_conversation.h"
#include "event_line.h"
#include "event_options.h"
#include "figures.h"
#include "frame_view.h"
#include "measure/format.h"
#include "message_text.h"
#include "opening_problem.h"
#include "socket_tap.h"
#include "stdin_lines.h"
#include "transcript.h"
#include "write_out.h"

namespace duplex::tools {
namespace {

constexpr std::string_view summary =
    "Opens a WebSocket. Lines of stdin become messages, messages become lines of stdout. The end\n"
    "of stdin (Ctrl-D) closes the connection, unless --max-messages says what to wait for.\n"
    "On a terminal, and with --commands, lines that begin with a slash are commands.\n"
    "With --socketio lines become events of Socket.IO, and the other way round; those that begin\n"
    "with a slash are always commands, and the end of stdin waits for the answers to /ack.";

constexpr std::string_view examples =
    "  duplex connect ws://127.0.0.1:9001/echo\n"
    "  echo hello | duplex connect ws://127.0.0.1:9001/echo\n"
    "  duplex connect --max-messages 10 --timeout 5s ws://127.0.0.1:9001/feed/ws\n"
    "  echo '01 ab ff' | duplex connect --hex ws://127.0.0.1:9001/echo\n"
    "  duplex connect --header 'Authorization: Bearer x' --subprotocol chat ws://host/path\n"
    "  duplex connect --echo ws://127.0.0.1:9001/feed/ws\n"
    "  duplex connect --rtt --frames ws://127.0.0.1:9001/echo\n"
    "  duplex connect -w '%{time_tcp} s, %{time_upgrade} s, %{bytes_out} bytes\\n' ws://host/ "
    "</dev/null\n"
    "  duplex connect --reconnect --transcript talk.jsonl ws://host/path\n"
    "  seq 100 | duplex connect --compare http://127.0.0.1:9001/echo ws://127.0.0.1:9001/echo\n"
    "  duplex connect ws+unix:/tmp/duplex.sock:/echo\n"
    "  duplex connect --socketio http://127.0.0.1:3000\n"
    "  echo '/ack sum 1 2' | duplex connect --socketio --auth '{\"token\": \"abc\"}' "
    "http://host:3000/admin\n"
    "  duplex connect --socketio --format json -n 10 --timeout 5s http://127.0.0.1:3000 "
    "</dev/null\n";

std::string all_examples() {
  std::string text = std::string(examples) + "\nCommands, on a terminal or with --commands:\n";
  for (const std::string& line : command_help()) text += "  " + line + '\n';
  text += "\nLines with --socketio; values are JSON where they can be, else texts:\n";
  for (const std::string& line : event_command_help()) text += "  " + line + '\n';
  text += "\nVariables of -w, as in curl; %{json} is all of them:\n";
  for (const VariableHelp& variable : write_out_variables()) {
    text += "  " + measure::pad_right(variable.name, 20) + std::string(variable.help) + '\n';
  }
  return text;
}

constexpr std::uint64_t no_limit = 0;

// Options as they were typed.
struct Typed {
  ConversationOptions options = {};
  std::vector<std::string> headers = {};
  std::uint64_t max_messages = no_limit;
  bool text = false;
  bool binary = false;
  bool hex = false;
  bool deflate = false;
  bool quiet = false;
  bool frames = false;
  std::string transcript = {};
  std::string write_out = {};
  std::string compare = {};
  TypedEvents events = {};
};

OptionParser make_parser(Typed& typed) {
  OptionParser parser("duplex connect", std::string(summary), all_examples());
  ConversationOptions& options = typed.options;
  parser.positional("URL", options.url, false, "ws://HOST[:PORT]/PATH or ws+unix:/SOCKET:/PATH");
  parser.heading("Opening")
      .texts("-H, --header", "'NAME: VALUE'", typed.headers, "a field of the request; repeatable")
      .list("--subprotocol", "A,B", options.connect.subprotocols,
            "offered subprotocols, most wanted first")
      .flag("--deflate", typed.deflate, "offer compression (permessage-deflate, RFC 7692)")
      .text("--origin", "ORIGIN", options.connect.origin, "as a browser would send it");
  parser.heading("Messages")
      .flag("--text", typed.text, "lines are text messages (the default)")
      .flag("--binary", typed.binary, "lines are binary messages")
      .flag("--hex", typed.hex, "lines are binary messages in hexadecimal, both ways")
      .flag("--commands", options.commands,
            "lines like /ping are commands, as on a terminal (list below)")
      .flag("--json", options.indent_json, "indent messages that are JSON")
      .flag("--echo", options.echo, "send every message back as it came; no lines, either way")
      .flag("--timestamps", options.display.timestamps, "the time of day in front of each message")
      .flag("--rtt", options.display.round_trips,
            "how long the answer took in front of each message, as if each answered\n"
            "the oldest that had no answer yet; pongs too, and at the end a summary")
      .duration("--ping", options.ping_interval, "send a ping this often and show the round trip")
      .count("-n, --max-messages", typed.max_messages, 1, 1'000'000'000,
             "end after that many received messages")
      .duration("--timeout", options.timeout,
                "end after this time; with 4 if --max-messages was not reached")
      .flag("--reconnect", options.reconnect,
            "connect again when the connection is lost, after 0.5 s, doubling up to 30 s;\n"
            "lines wait meanwhile")
      .count("--max-attempts", options.max_attempts, 1, 1'000'000,
             "with --reconnect: give up after that many attempts in a row")
      .flag("-q, --quiet", typed.quiet, "no notes on the terminal");
  parser.heading("Results")
      .flag("--frames", typed.frames, "each frame, both ways, with its bits (stderr)")
      .text("-w, --write-out", "FORMAT", typed.write_out,
            "print this at the end, with variables such as %{time_upgrade} (list below)")
      .text("--compare", "URL", typed.compare,
            "POST each line there, too (http://...), and print what either costs")
      .text("--transcript", "FILE", typed.transcript,
            "keep all that is said, a JSON object a line");
  add_event_options(parser, typed.events);
  return parser;
}

// What is wrong with --compare; empty when nothing is.
std::string comparison_problem(const Typed& typed) {
  if (typed.compare.empty()) return {};
  const auto url = http::parse_url(typed.compare);
  if (!url || url->is_websocket()) return "--compare: '" + typed.compare + "' is no http: URL";
  const ConversationOptions& options = typed.options;
  const DisplayOptions& display = options.display;
  const bool spoken = options.echo || options.reconnect || options.commands ||
                      typed.max_messages != no_limit || !typed.write_out.empty();
  if (spoken) return "--compare excludes --echo, --commands, --reconnect, --max-messages and -w";
  const bool shown = display.round_trips || display.timestamps || options.indent_json ||
                     options.timeout.count() != 0 || options.ping_interval.count() != 0 ||
                     typed.frames || !typed.transcript.empty();
  if (!shown) return {};
  return "--compare excludes --rtt, --timestamps, --json, --timeout, --ping, --frames and "
         "--transcript";
}

// What WebSockets and Socket.IO have in common.
bool finish_opening(Typed& typed, std::string& problem) {
  if (typed.max_messages != no_limit) typed.options.max_messages = typed.max_messages;
  if (typed.deflate) {
    typed.options.connect.deflate =
        websocket::DeflateOptions{.context_takeover = true, .peer_context_takeover = true};
  }
  for (const std::string& header : typed.headers) {
    auto field = parse_header(header);
    if (!field) {
      problem = "--header: '" + header + "' is not of the form 'Name: value'";
      return false;
    }
    typed.options.connect.fields.push_back(*std::move(field));
  }
  return true;
}

bool finish(Typed& typed, std::string& problem) {
  if (problem = comparison_problem(typed); !problem.empty()) return false;
  if (int{typed.text} + int{typed.binary} + int{typed.hex} > 1) {
    problem = "--text, --binary and --hex exclude each other";
    return false;
  }
  if (is_terminal(0)) typed.options.commands = true;
  if (typed.binary) typed.options.mode = LineMode::binary;
  if (typed.hex) typed.options.mode = LineMode::hex;
  if (!finish_opening(typed, problem)) return false;
  if (problem = write_out_problem(typed.write_out); !problem.empty()) return false;
  problem = opening_problem(typed.options.url, typed.options.connect);
  return problem.empty();
}

std::uint64_t random_seed(net::Kernel& kernel) {
  std::array<std::byte, 8> bytes = {};
  kernel.random(bytes);
  return std::bit_cast<std::uint64_t>(bytes);
}

// What the options ask for beside the conversation itself.
class Session {
 public:
  explicit Session(Typed& typed)
      : typed_(typed), tap_(system_), console_(typed.quiet), frames_(console_) {
    ConversationOptions& options = typed_.options;
    options.seed = random_seed(system_);
    options.write_raw = [this](Bytes bytes) { return tap_.write_raw(bytes); };
    options.on_utterance = [this](bool by_us, Saying what, Bytes payload) {
      transcript_.add(system_.wall_clock(), by_us, what, payload);
    };
    if (!typed_.frames) return;
    tap_.watch([this] { frames_.restart(); },
               [this](SocketTap::Way way, Bytes bytes) { frames_.hear(way, bytes); });
  }

  ExitCode run() {
    if (!typed_.transcript.empty() && !transcript_.open(typed_.transcript)) return ExitCode::usage;
    if (!typed_.compare.empty()) {
      Comparison comparison(loop_,
                            {.url = typed_.options.url,
                             .http_url = typed_.compare,
                             .connect = typed_.options.connect,
                             .mode = typed_.options.mode},
                            console_, plain_input_, tap_);
      comparison.start();
      loop_.run();
      return comparison.exit_code();
    }
    const auto start = system_.now();
    conversation_with_input();
    ExitCode exit = conversation_->exit_code();
    if (exit == ExitCode::ok && transcript_.failed()) exit = ExitCode::usage;
    if (typed_.write_out.empty()) return exit;
    const Figures figures = figures_of({.conversation = conversation_->figures(),
                                        .socket = tap_.figures(),
                                        .replies = conversation_->round_trips().replies(),
                                        .url = typed_.options.url,
                                        .total = system_.now() - start,
                                        .exit = exit});
    return print(write_out(typed_.write_out, figures)) == Written::no ? ExitCode::usage : exit;
  }

 private:
  // With a prompt where a person types.
  void conversation_with_input() {
    if (!is_terminal(0) || !is_terminal(2) || typed_.options.echo) {
      return converse(plain_input_);
    }
    EditedInput input(complete_command);
    console_.around([&input] { input.hide(); }, [&input] { input.show(); });
    converse(input);
    console_.around([] {}, [] {});
  }

  void converse(Input& input) {
    conversation_.emplace(loop_, typed_.options, console_, input);
    conversation_->start();
    loop_.run();
  }

  Typed& typed_;
  net::LinuxKernel system_;
  SocketTap tap_;
  StandardConsole console_;
  FrameView frames_;
  Transcript transcript_;
  EventLoop loop_{tap_};
  std::optional<Conversation> conversation_;
  StdinLines plain_input_;  // last: it uses the loop
};

ExitCode refuse(const std::string& problem) {
  complain("duplex connect: " + problem);
  return ExitCode::usage;
}

// With a prompt where a person types.
ExitCode converse_in_events(EventConversationOptions options, bool quiet) {
  EventLoop loop;
  StandardConsole console(quiet);
  StdinLines plain;
  std::optional<EditedInput> edited;
  if (is_terminal(0) && is_terminal(2)) {
    edited.emplace(complete_event_command);
    console.around([&edited] { edited->hide(); }, [&edited] { edited->show(); });
  }
  Input& input = edited ? static_cast<Input&>(*edited) : plain;
  EventConversation conversation(loop, std::move(options), console, input);
  conversation.start();
  loop.run();
  console.around([] {}, [] {});
  return conversation.exit_code();
}

ExitCode speak_socketio(Typed& typed) {
  std::string problem;
  if (!finish_opening(typed, problem)) return refuse(problem);
  auto options = event_conversation_options(typed.events, typed.options);
  if (!options) return refuse(options.error());
  return converse_in_events(*std::move(options), typed.quiet);
}

}  // namespace

ExitCode connect_command(Arguments arguments) {
  Typed typed;
  OptionParser parser = make_parser(typed);
  ExitCode exit = ExitCode::ok;
  if (!parse_or_explain(parser, arguments, exit)) return exit;
  std::string problem = misplaced_option(parser, typed.events.socketio);
  if (problem.empty() && parser.given("--max-attempts") && !typed.options.reconnect) {
    problem = "--max-attempts needs --reconnect";
  }
  if (!problem.empty()) return refuse(problem);
  if (typed.events.socketio) return speak_socketio(typed);
  if (!finish(typed, problem)) return refuse(problem);
  return Session(typed).run();
}

}  // namespace duplex::tools
