// What `duplex bench` was told on its command line.
#include "bench_arguments.h"

#include <algorithm>

#include "../feed_event.h"
#include "../serve/chaos.h"
#include "../units.h"
#include "measure/format.h"
#include "placement.h"
#include "render.h"
#include "wire_prediction.h"

namespace duplex::tools {
namespace {

constexpr std::string_view summary =
    "Sends one stream of events over several transports and measures, for each event and client,\n"
    "the time from its intended generation to its complete arrival; beside it what theory\n"
    "predicts. Without --server it starts a server of its own, in a process of its own. The arms\n"
    "take turns in short blocks in random order; WebSocket also runs against itself (A/A), and\n"
    "what differs by less than that is called not distinguishable.";

constexpr std::string_view examples =
    "  duplex bench --delay 20ms --rate 10/s --dist poisson --poll 250ms\n"
    "  duplex bench --preset wind-4hz --quick         # an experiment with several steps\n"
    "  duplex bench --wire mobile                     # a link that delays and loses packets\n"
    "  duplex bench --arms ws,tcp --size 1KiB         # the price of WebSocket over bare TCP\n"
    "  duplex bench --arms lp --rate 50/s --delay 50ms  # when long polling hurts\n"
    "  duplex bench --duration 2m -o run.json   # kept whole, for `duplex report`\n"
    "  duplex bench --server 127.0.0.1:9001 --rate 4/s --dist periodic\n"
    "  duplex bench --idle 2000 --arms ws,lp,sp       # what idle connections cost\n"
    "  duplex bench --delay 20ms --explain            # what would be done, and what is expected\n"
    "  duplex bench --decompose                       # where the microseconds of a frame go\n"
    "  duplex bench --check                           # exit code 4 when theory is missed\n";

// Nothing is predicted of polls that wait for a window's end.
std::string problem_with_coalesce(const BenchOptions& options, const std::vector<ArmSpec>& arms) {
  const bool has_polls = std::any_of(arms.begin(), arms.end(), [](const ArmSpec& arm) {
    return arm.transport == measure::Transport::socketio_polling;
  });
  if (options.coalesce.count() == 0 || !has_polls) return {};
  return "--coalesce: the events of sio-lp would wait twice, and theory is silent; leave one out";
}

// By then even the slowest feed has had no event.
constexpr auto max_idle_time = std::chrono::minutes(10);

constexpr auto max_outage = std::chrono::minutes(1);

// A client waits 10 s for its connection: over a relay that is one round trip, over a link two or
// more.
constexpr auto max_delay = std::chrono::seconds(4);
constexpr auto max_link_delay = std::chrono::seconds(1);
constexpr auto max_poll_interval = std::chrono::minutes(1);

// What is wrong with a time by itself, or nothing.
std::string problem_with_times(const BenchOptions& options) {
  return first_broken(
      {{options.delay > max_delay, "--delay: at most 4s, for clients to connect within 10s"},
       {options.poll_interval > max_poll_interval, "--poll: at most 1m"},
       {options.poll_interval.count() == 0 && options.delay.count() == 0,
        "--poll: must be above 0, unless --delay paces the polls"},
       {options.storm.outage.count() == 0, "--outage: must be above 0"},
       {options.storm.outage > max_outage, "--outage: at most 1m"},
       {options.idle_time.count() == 0, "--idle-time: must be above 0"},
       {options.idle_time > max_idle_time, "--idle-time: at most 10m"}});
}

// A client has one answer at a time, or the clock would not be the polls'.
std::string problem_with_clock(const BenchArguments& typed, const std::vector<ArmSpec>& arms) {
  const BenchOptions& options = typed.options;
  if (!options.polls_at_rate()) return {};
  const bool connects = std::any_of(arms.begin(), arms.end(), [](const ArmSpec& arm) {
    return arm.transport == measure::Transport::short_poll_new_connection;
  });
  const int round_trips = connects && !typed.wire.empty() ? 2 : 1;
  const auto answer = round_trips * options.round_trip();
  if (options.poll_interval > answer) return {};
  return "--poll-clock rate: an answer takes " + spell_duration(answer) +
         ", and --poll has to be longer than that";
}

// What is smaller would be larger than it says: numbers are never cut.
std::string problem_with_size(const BenchOptions& options) {
  if (options.event_size >= min_event_size) return {};
  return "--size: " + std::to_string(options.event_size) + " bytes; an event takes " +
         std::to_string(min_event_size) + " at least, for its number and its two times";
}

// Below that, connecting is all there is.
constexpr auto shortest_block = std::chrono::milliseconds(20);

// What waits for company for longer than a block is not seen in it.
std::string problem_with_blocks(const BenchOptions& options, const std::vector<ArmSpec>& arms) {
  measure::Random random(options.seed);
  const std::vector<PlannedBlock> blocks = plan_blocks(options, arms, random);
  const auto shortest =
      std::min_element(blocks.begin(), blocks.end(),
                       [](const auto& a, const auto& b) { return a.length < b.length; });
  if (shortest->length < shortest_block) {
    return "--rounds: " + std::to_string(options.rounds) + " leave a block " +
           measure::format_duration(measure::Seconds(shortest->length)) + "; it takes " +
           spell_duration(shortest_block) + " at least (--duration)";
  }
  if (options.coalesce <= shortest->length) return {};
  const auto length = std::chrono::floor<std::chrono::milliseconds>(shortest->length);
  return "--coalesce: at most " + spell_duration(length) +
         ", as long as a block (--duration, --rounds) is";
}

// "HOST:PORT", or what is wrong with it.
std::string problem_with_server(const std::string& server) {
  if (server.empty()) return {};
  const std::size_t colon = server.rfind(':');
  const auto port = parse_count(server.substr(std::min(colon, server.size() - 1) + 1));
  const bool is_right = colon != std::string::npos && colon != 0 && !server.ends_with(']') &&
                        port && *port > 0 && *port < 65536;
  return is_right ? ""
                  : "--server: '" + server + "' is not of the form HOST:PORT, as 127.0.0.1:9001";
}

// What is wrong with --arms, or nothing.
std::string finish_arms(const BenchOptions& options, std::vector<ArmSpec>& arms) {
  std::string unknown;
  auto made = make_arms(options.arms, unknown);
  if (!made) return "--arms: '" + unknown + "' is not one of " + std::string(arm_names);
  for (auto each = options.arms.begin(); each != options.arms.end(); ++each) {
    if (std::find(options.arms.begin(), each, *each) == each) continue;
    return "--arms: '" + *each + "' stands there twice";
  }
  arms = *std::move(made);
  const bool has_tcp = std::any_of(arms.begin(), arms.end(), [](const ArmSpec& arm) {
    return arm.transport == measure::Transport::tcp;
  });
  if (!has_tcp || options.server.empty()) return {};
  return "--arms: tcp needs the bench's own server; leave out --server";
}

// What is wrong with --heads, or nothing.
std::string problem_with_heads(const BenchOptions& options) {
  if (options.heads == 0) return {};
  BenchOptions bare = options;
  bare.heads = 0;
  const measure::HeaderProfile heads = poll_heads(measure::Transport::short_poll, bare);
  const std::size_t least = heads.poll_request + heads.poll_response;
  if (options.heads >= least) return {};
  return "--heads: at least " + std::to_string(least) + ", as long as they are anyway; or 0";
}

// What is wrong with --wire, or nothing.
std::string finish_link(BenchArguments& typed) {
  if (typed.wire.empty()) return {};
  BenchOptions& options = typed.options;
  if (options.delay.count() > 0) return "--wire and --delay exclude each other";
  if (!options.server.empty()) return "--wire needs the bench's own server; leave out --server";
  typed.link.seed = options.seed;
  const std::string problem = wire::set_wire(typed.link, typed.wire);
  if (!problem.empty()) return "--wire: " + problem;
  options.delay = typed.link.round_trip() / 2;
  if (options.delay <= max_link_delay) return {};
  return "--wire: a delay of at most 1s each way, for clients to connect within 10s";
}

// What is wrong with --chaos, or nothing.
std::string finish_chaos(BenchArguments& typed) {
  if (typed.chaos.empty()) return {};
  BenchOptions& options = typed.options;
  for (const std::string& word : typed.chaos) {
    options.chaos += (options.chaos.empty() ? "" : ",") + word;
  }
  if (!options.server.empty()) return "--chaos needs the bench's own server; leave out --server";
  Chaos chaos;
  const std::string problem = set_chaos(chaos, typed.chaos);
  return problem.empty() ? problem : "--chaos: " + problem;
}

// What is wrong with --wait and --place, or nothing.
std::string finish_processors(const BenchOptions& options) {
  if (!options.spins() && options.place == "free") return {};
  const std::string name = options.spins() ? "--wait spin" : "--place";
  if (!options.server.empty()) return name + " needs the bench's own server; leave out --server";
  if (!options.spins()) return placement_problem(options.place, false, allowed_processors());
  if (options.idle_connections > 0) return name + " leaves nothing idle; leave out --idle";
  if (options.decompose) return name + ": the frames of --decompose wake who sleeps";
  return placement_problem(options.place, true, allowed_processors());
}

void add_what(OptionParser& parser, BenchArguments& typed) {
  BenchOptions& options = typed.options;
  parser.heading("What")
      .text("--preset", "NAME", typed.preset,
            "an experiment of tools/experiments (--list-presets), or a\n"
            "file NAME.conf: its arguments come before the others here")
      .flag("--quick", typed.quick, "with --preset: fewer steps, for less long")
      .flag("--list-presets", typed.list_presets, "the questions that there are, and nothing more")
      .flag("--explain", typed.explain,
            "instead of measuring: what the other arguments would do, what\n"
            "clock, warm-up, rounds, intervals and flags are, and what theory\n"
            "predicts")
      .list("-a, --arms", "A,B", options.arms,
            "ws, ws-deflate (it compresses, RFC 7692), sse, lp (long\n"
            "poll), sp (short poll), sp-new (a connection each), latest\n"
            "(the newest event alone), latest-304 (if it is new), tcp (the\n"
            "floor), echo (there and back), echo-closed (after the last\n"
            "answer), sio-ws, sio-lp, sio-up (Socket.IO over WebSocket,\n"
            "long polling, the one after the other) (ws,sse,lp,sp)")
      .text("--server", "HOST:PORT", options.server,
            "a `duplex serve` that runs already, here or on another machine,\n"
            "whose clock is then compared with ours; say its --rate and\n"
            "--dist")
      .duration("--delay", options.delay, "hold bytes back, each way, 4s at most (0)")
      .text("--wire", "LINK", typed.wire,
            "a link between namespaces, as `duplex wire --help` has it:\n"
            "mobile, or delay=20ms,loss=1%; its packets are delayed and\n"
            "lost, not only bytes held back")
      .list("--chaos", "FAULT,FAULT", typed.chaos,
            "faults of the bench's own server: nagle, split-writes,\n"
            "lone-writes, stall=TIME@PERIOD, as `duplex serve --help` has them");
}

void add_events(OptionParser& parser, BenchArguments& typed) {
  BenchOptions& options = typed.options;
  parser.heading("Events")
      .rate("-r, --rate", options.rate, "events per second (10/s)")
      .choice("--dist", {"poisson", "periodic"}, typed.distribution,
              "random gaps or equal ones (poisson)")
      .size("--size", options.event_size, 0, max_event_size,
            "bytes of one event, from 48, for its three numbers, to 512KiB\n"
            "(64)")
      .choice("--content", {"letter", "json", "random"}, options.content,
              "what fills an event: one letter, telemetry, or what hardly\n"
              "compresses; ws-deflate sends events below 128 bytes as they\n"
              "are (letter)")
      .size("--heads", options.heads, 0, 8192,
            "fill the heads of a poll and its answer up to this, with a\n"
            "cookie: 566 is a browser without any, 871 one of 2010 with\n"
            "five; not below what they are anyway, not those of sio-lp\n"
            "(0: as they are)")
      .duration("--coalesce", options.coalesce,
                "pushed events wait this long for company, as long as a\n"
                "block at most (0)")
      .duration("--poll", options.poll_interval,
                "from an answer to the next short poll, 1m at most (250ms)")
      .choice("--poll-clock", {"delay", "rate"}, options.poll_clock,
              "of short polls: --poll counts from the answer, or from poll\n"
              "to poll, whatever the answer takes; the first instant of a\n"
              "client is random, and one at which its answer is missing\n"
              "goes by (delay)");
  parser.heading("How long")
      .duration("-d, --duration", options.duration,
                "of all measuring, spread over arms (as long as the rounds\n"
                "take with blocks of half a second, ten events, or twelve\n"
                "random ones, and a poll, but 10m at most: 20 rounds have the\n"
                "200 events for p95)")
      .count("--rounds", options.rounds, 1, 10'000,
             "turns of each arm (20, or as many as leave each block\n"
             "half a second, five events and a poll, but 3 at least)")
      .duration("--warmup", options.warm_up, "at most, until medians no longer move; 0: none (3s)")
      .count("-c, --clients", options.clients, 1, 10'000, "in parallel, in each arm (8)")
      .choice("--order", {"interleaved", "sequential"}, options.order,
              "the arms take turns in each round, or each runs all of its\n"
              "rounds at once: then what the machine does meanwhile looks\n"
              "like a difference (interleaved)")
      .count("--seed", options.seed, 0, 1'000'000'000, "of the order, the phases and the gaps (1)");
}

void add_processors(OptionParser& parser, BenchArguments& typed) {
  BenchOptions& options = typed.options;
  parser.heading("Processors")
      .choice("--wait", {"sleep", "spin"}, options.wait,
              "clients and own server, until something comes: sleep, or ask\n"
              "again and again, which burns a processor each for latency\n"
              "(sleep). It is not SO_BUSY_POLL: loopback and TUN have no\n"
              "NAPI device to poll")
      .choice("--place", {"free", "same", "split"}, options.place,
              "clients and own server: where the scheduler puts them, both\n"
              "on the first allowed processor, or the server on the second\n"
              "(free); taskset(1) says which are allowed")
      .flag("--no-priority", typed.no_priority,
            "leave the scheduling alone; otherwise real time where that\n"
            "is allowed, so that other programs do not delay the clients");
}

void add_more(OptionParser& parser, BenchOptions& options) {
  parser.heading("What else")
      .count("--idle", options.idle_connections, 1, 60'000,
             "also hold that many connections of each arm without an\n"
             "event: their memory, wake-ups and bytes")
      .duration("--idle-time", options.idle_time, "for so long, each arm (10s)")
      .count("--storm", options.storm.clients, 1, 60'000,
             "also kill a server under that many clients of Socket.IO and\n"
             "start it again: attempts, SYN/s in the worst 100 ms, time\n"
             "until 99 % are back")
      .duration("--outage", options.storm.outage, "with --storm: how long it is away (3s)")
      .choice("--jitter", {"none", "half", "full"}, options.storm.jitter,
              "with --storm: the part of each delay that is random (half)")
      .flag("--decompose", options.decompose,
            "also follow WebSocket frames over loopback by the kernel's\n"
            "stamps: called, scheduled, sent, received, delivered,\n"
            "acknowledged")
      .choice("--wire-bytes", {"auto", "capture", "tcp-info"}, options.wire_bytes,
              "who counts bytes on the wire: AF_PACKET, which needs\n"
              "CAP_NET_RAW, or TCP_INFO; auto: the first that is allowed");
}

void add_output(OptionParser& parser, BenchArguments& typed) {
  parser.heading("Output")
      .choice("--format", report_formats, typed.format, "on stdout (text)")
      .texts("-o, --output", "FILE", typed.outputs,
             "write there, too: .json (everything, for `duplex report`),\n"
             ".html (a page with charts), .svg, .csv, .md, .hgrm, .hlog,\n"
             "others text; repeatable")
      .flag("--discard-noisy", typed.report.discard_noisy,
            "leave out blocks in which the machine stood still for longer\n"
            "than five medians; they are counted in any case")
      .flag("--check", typed.check,
            "exit with 4 unless WebSocket < long < short polling and\n"
            "every mean is within 15 % + 2 ms of the prediction; with 5\n"
            "when the A/A band is wider than 20 %. With --preset: 4 unless\n"
            "every mean is within 5 % + 2 ms and its checks hold, 5 when\n"
            "there is nothing of that kind in the steps that ran")
      .flag("--no-progress", typed.no_progress, "no line of progress on the terminal");
}

// An option that means nothing without another one that was not given, or nothing.
std::string misplaced_option(const OptionParser& parser, const BenchOptions& options) {
  const auto given = [&parser](std::string_view name) { return parser.given(name).has_value(); };
  const bool is_idle = options.idle_connections > 0;
  const bool is_stormy = options.storm.clients > 0;
  return first_broken({{given("--idle-time") && !is_idle, "--idle-time needs --idle"},
                       {given("--outage") && !is_stormy, "--outage needs --storm"},
                       {given("--jitter") && !is_stormy, "--jitter needs --storm"}});
}

}  // namespace

std::string command_line_of(std::span<const std::string_view> arguments) {
  std::string line = "duplex bench";
  for (const std::string_view word : arguments) line.append(" ").append(word);
  return line;
}

OptionParser bench_parser(BenchArguments& typed) {
  OptionParser parser("duplex bench", std::string(summary), std::string(examples));
  add_what(parser, typed);
  add_events(parser, typed);
  add_processors(parser, typed);
  add_more(parser, typed.options);
  add_output(parser, typed);
  return parser;
}

std::string finish(const OptionParser& parser, BenchArguments& typed, std::vector<ArmSpec>& arms) {
  BenchOptions& options = typed.options;
  options.poisson = typed.distribution == "poisson";
  if (options.server.starts_with("http://")) options.server.erase(0, 7);
  while (options.server.ends_with('/')) options.server.pop_back();
  if (std::string problem = problem_with_server(options.server); !problem.empty()) return problem;
  if (std::string problem = finish_link(typed); !problem.empty()) return problem;
  if (std::string problem = finish_chaos(typed); !problem.empty()) return problem;
  if (options.decompose && !typed.wire.empty()) {
    return "--decompose follows frames over loopback; leave out --wire";
  }
  if (options.idle_connections > 0 && !options.server.empty()) {
    return "--idle needs the bench's own server; leave out --server";
  }
  if (options.storm.clients > 0 && !options.server.empty()) {
    return "--storm needs the bench's own server; leave out --server";
  }
  if (std::string problem = problem_with_times(options); !problem.empty()) return problem;
  if (std::string problem = problem_with_size(options); !problem.empty()) return problem;
  if (std::string problem = problem_with_heads(options); !problem.empty()) return problem;
  if (std::string problem = finish_arms(options, arms); !problem.empty()) return problem;
  if (std::string problem = problem_with_clock(typed, arms); !problem.empty()) return problem;
  if (std::string problem = problem_with_coalesce(options, arms); !problem.empty()) return problem;
  if (!parser.given("--duration")) options.duration = duration_for(options, arms);
  if (options.duration.count() == 0) return "--duration: must be above 0";
  options.rounds = rounds_for(options, arms);
  if (std::string problem = problem_with_blocks(options, arms); !problem.empty()) return problem;
  if (std::string problem = finish_processors(options); !problem.empty()) return problem;
  return misplaced_option(parser, options);
}

}  // namespace duplex::tools
