// What the commands refuse, and how they say so: options that mean nothing beside the others.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

#include "../../tools/duplex/bench/preset_command.h"
#include "../../tools/duplex/bench/preset_json.h"
#include "../../tools/duplex/bench/render.h"
#include "../../tools/duplex/command.h"
#include "child.h"
#include "run_fixtures.h"
#include "text_file.h"

namespace duplex::tools {
namespace {

using Words = std::vector<std::string_view>;

struct Row {
  Words words;
  std::string_view says;  // a part of it
};

constexpr std::string_view nobody = "ws://127.0.0.1:1/";
constexpr std::string_view web = "http://127.0.0.1:1/";

// What the command says on stderr when it ends like that.
std::string complaint(ExitCode (*command)(Arguments), const Words& words,
                      ExitCode exit = ExitCode::usage) {
  const auto ends = new_pipe();
  const Child child([&] {
    dup2(ends[1], 2);
    return command(words);
  });
  close(ends[1]);
  const std::string line = first_line(ends[0]);
  close(ends[0]);
  EXPECT_EQ(child.wait(), static_cast<int>(exit)) << line;
  return line;
}

void expect_refusals(ExitCode (*command)(Arguments), const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    const std::string line = complaint(command, row.words);
    EXPECT_NE(line.find(row.says), std::string::npos) << row.says << ": " << line;
  }
}

TEST(RefusedOptions, OfCheck) {
  expect_refusals(
      check_command,
      {{{"--once", nobody}, "--once needs --listen"},
       {{"--once", "--listen", "--exec", "a {url}"}, "exclude each other"},
       {{"--exec", "true"}, "'true' has no {url}"},
       {{"--listen", "--parallel", "3"}, "--parallel means nothing"},
       {{"--listen", "--agent", "me"}, "--agent: 'me'"},
       {{"--timeout", "999ms", nobody}, "--timeout: 999ms is too short; at least 1s"},
       {{"--list", nobody}, "'ws://127.0.0.1:1/'"},
       {{"--list", "-o", "a.json"}, "--list and --output"},
       {{"--list", "--format", "json"}, "--format"},
       {{"--list", "--timeout", "9s"}, "--timeout"},
       {{"--case", "1.1.1", "--case", "Z*", nobody}, "--case: no case is called 'Z*'"},
       {{"--exclude", "zero", nobody}, "--exclude: no case is called 'zero'"},
       {{"--case", "K*", nobody}, "--case: 'K*' is for clients only, with --listen or --exec"},
       {{"--listen", "--case", "W*"}, "--case: 'W*' is for servers only, with a URL"},
       {{"--exclude", "*", nobody}, "--exclude leaves no case"},
       {{"http://127.0.0.1:1/"}, "not a ws: or ws+unix: URL"}});
}

TEST(RefusedOptions, OfTrace) {
  expect_refusals(trace_command,
                  {{{"--interface", "lo"}, "--interface needs --port"},
                   {{"--connection", "2", nobody}, "--connection needs --port or --from"},
                   {{"--from", "a.pcapng", "--send", "hi"}, "--send: nothing is said with --from"},
                   {{"--port", "80", "--no-ping"}, "--no-ping: nothing is said with --port"}});
}

TEST(RefusedOptions, OfAnInterfaceThatThereIsNot) {
  EXPECT_EQ(complaint(trace_command, {"--interface", "eth9", "--port", "80"},
                      ExitCode::could_not_connect),
            "duplex trace: --interface eth9: packets cannot be captured there: No such device");
}

TEST(RefusedOptions, OfACaptureThatEndsBeforeItsFirstPacket) {
  const std::string section(
      "\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a\1\0\0\0"
      "\xff\xff\xff\xff\xff\xff\xff\xff\x1c\0\0\0\1\0\0\0",
      32);
  const TextFile file("cut.pcapng", section);
  EXPECT_EQ(complaint(trace_command, {"--from", file.path}, ExitCode::inconclusive),
            "duplex trace: " + file.path +
                ": there is no TCP connection number 1 in it; the file ends within a block");
}

TEST(RefusedOptions, OfServe) {
  expect_refusals(
      serve_command,
      {{{"--ping-interval", "5"}, "--ping-interval: '5' is not"},
       {{"--port", "0", "--trust-proxy", "foo"}, "--trust-proxy: 'foo' is neither an address"},
       {{"--port", "0", "--for-host", "a:80"}, "--for-host: 'a:80' is not a host without a port"},
       {{"--port", "0", "--socketio", "--redis", "foo"}, "--redis: 'foo': the URL begins with"},
       {{"--port", "0", "--socketio", "--redis", "rediss://me:secret@there"},
        "--redis: '...@there': rediss needs TLS"}});
}

TEST(RefusedOptions, OfWire) {
  expect_refusals(wire_command, {{{"home", "--burst", "4"}, "burst: '4' is not a mean run"},
                                 {{"--burst", "4", "lan"}, "behind a loss"}});
}

TEST(RefusedOptions, OfConnect) {
  expect_refusals(
      connect_command,
      {{{"--auth", "{}", nobody}, "--auth needs --socketio"},
       {{"--max-attempts", "3", nobody}, "--max-attempts needs --reconnect"},
       {{"--socketio", "--max-attempts", "3", nobody}, "--max-attempts needs --reconnect"},
       {{"--compare", web, "--echo", nobody}, "--compare excludes --echo"},
       {{"--compare", web, "--rtt", nobody}, "--compare excludes --rtt"},
       {{"--compare", web, "--timeout", "1s", nobody}, "--compare excludes --rtt"},
       {{"--compare", web, "--transcript", "t", nobody}, "--compare excludes --rtt"},
       {{"--format", "json", nobody}, "--format needs --socketio"},
       {{"--socketio", "--frames", nobody}, "--socketio excludes --frames"},
       {{"--socketio", "--hex", nobody}, "--socketio excludes --hex"},
       {{"--socketio", "-w", "x", nobody}, "--socketio excludes --write-out"},
       {{"--socketio", "--auth", "[1]", nobody}, "--auth: '[1]' is not a JSON object"},
       {{"--socketio", "--auth", "{", nobody}, "--auth: '{' is not a JSON object"},
       {{"--socketio", "--path", "x", nobody}, "--path: 'x' does not begin with '/'"},
       {{"--socketio", "--header", "x", nobody}, "--header: 'x' is not of the form"},
       {{"--socketio", "--header", "Host: x", nobody}, "--header: 'Host: x' is malformed"},
       {{"--socketio", "--transport", "tcp", nobody}, "--transport: 'tcp'"},
       {{"--socketio", "https://127.0.0.1"}, "'https://127.0.0.1': "}});
}

TEST(RefusedOptions, OfLoad) {
  expect_refusals(
      load_command,
      {{{"--hold", "--feed"}, "exclude each other"},
       {{"--hold", "--rate", "5/s"}, "--hold sends nothing"},
       {{"--feed", "--size", "1KiB"}, "--feed sends nothing"},
       {{"--hold", "--visit", "1"}, "--visit"},
       {{"--hold", "--stalled", "50"}, "--stalled: with --hold"},
       {{"--rate", "5/s", "--outstanding", "2"}, "--outstanding is for the closed loop"},
       {{"--deflate"}, "messages of 125 bytes (--size) are below 128"},
       {{"--deflate", "--size", "2MiB"}, "messages of 2097152 bytes (--size) are above 1048576"},
       {{"--size", "65MiB"}, "--size: 65MiB is more than the 64MiB that a server of its own"},
       {{"--processes", "65"}, "65 cannot share 64 connections"},
       {{"--stalled", "1"}, "1 percent of the connections of a process (64 in 1) are none"},
       {{"--spread"}, "--spread needs --processes"},
       {{"--spread", "--processes", "2", "ws://10.0.0.1/127.0.0.1"}, "at 127.0.0.1"},
       {{"--server-pid", "1"}, "--server-pid needs the URL"},
       {{"--server-pid", "4194304", nobody}, "there is no process 4194304"},
       {{"http://127.0.0.1:1/"}, "not a ws: or ws+unix: URL"}});
}

TEST(RefusedOptions, OfBench) {
  expect_refusals(
      bench_command,
      {{{"--quick"}, "--quick: needs --preset"},
       {{"--preset", "sizes", "--server", "a:1"}, "the preset sizes varies --size"},
       {{"--preset", "nagle", "--explain"}, "--explain: one measurement at a time; leave out"},
       {{"--preset", "wind-4hz", "--delay", "5ms"}, "the preset wind-4hz varies --wire"},
       {{"--preset", "a-a", "--check"}, "--check: the preset a-a judges nothing"},
       {{"--preset", "winds"}, "'winds' is not one of a-a, "},
       {{"--idle-time", "2s"}, "--idle-time needs --idle"},
       {{"--outage", "2s"}, "--outage needs --storm"},
       {{"--jitter", "full"}, "--jitter needs --storm"},
       {{"--storm", "3", "--outage", "0s"}, "--outage: must be above 0"},
       {{"--rounds", "10000"}, "--rounds: 10000 leave a block 10.0 ms; it takes 20ms at least"},
       {{"--coalesce", "1h"}, "--coalesce: at most "},
       {{"--coalesce", "2s", "--arms", "ws", "-d", "4s", "--rounds", "2"},
        "--coalesce: at most 1s, as long as a block"},
       {{"--delay", "1h"}, "--delay: at most 4s"},
       {{"--wire", "delay=2s"}, "--wire: a delay of at most 1s each way"},
       {{"--poll", "1h"}, "--poll: at most 1m"},
       {{"--server", "127.0.0.1:99999"}, "--server: '127.0.0.1:99999' is not of the form"},
       {{"--server", "localhost"}, "--server: 'localhost' is not of the form HOST:PORT"},
       {{"--server", "[::1]"}, "--server: '[::1]' is not of the form HOST:PORT"},
       {{"--arms", "ws,,sse"}, "--arms: 'ws,,sse' is not a list"},
       {{"--arms", "ws,ws"}, "--arms: 'ws' stands there twice"},
       {{"--heads", "5"}, "--heads: at least "}});
}

TEST(RefusedOptions, OfReport) {
  const TextFile found(
      "found.json",
      render_preset_json({.preset = {.name = "late"}, .steps = {{"", make_report(good_run())}}}));
  const TextFile run("run.json", render_json(make_report(good_run())));
  const TextFile cut("cut.json", R"({"preset": "late", "schema_version": 2})");
  expect_refusals(
      report_command,
      {{{"--check", run.path}, "--check: needs --compare"},
       {{"--compare", run.path}, "--compare: needs two files at least"},
       {{"--compare", run.path, found.path},
        "found.json is what the preset late found; it compares runs"},
       {{found.path, run.path}, "found.json is what the preset late found, which is not merged"},
       {{run.path, found.path}, "found.json is what the preset late found, which is not merged"},
       {{found.path, "--format", "hgrm"}, "--format: hgrm cannot show a preset"},
       {{found.path, "-o", "a.hlog"}, "--output: a.hlog cannot show a preset"},
       {{cut.path}, "cut.json: question: expected a string"}});
}

TEST(RefusedOptions, OfAPresetAreThoseOfItsLine) {
  const TextFile file("nope.conf", "question = a\nexpected = b\nbench = --arms ws --nope\n");
  const std::string line = complaint(bench_command, {"--preset", file.path});
  EXPECT_TRUE(line.starts_with("duplex bench: " + file.path + ":3: unknown option '--nope'"))
      << line;
}

TEST(RefusedOptions, OfAPresetThatIsNoText) {
  const TextFile file("garbage.conf", "question\x1b[31m = a\n");
  EXPECT_EQ(
      complaint(bench_command, {"--preset", file.path}),
      "duplex bench: " + file.path + ":1: a line of control characters, or of what is not UTF-8");
}

TEST(RefusedOptions, PresetsThatAreNowhere) {
  const std::string line = complaint(
      [](Arguments) {
        return list_presets({"/none", "/here"});
      },
      {});
  EXPECT_EQ(line,
            "duplex bench: --list-presets: no experiments in any of /none, /here; --preset also "
            "takes a file NAME.conf");
}

TEST(RefusedOptions, MoreDescriptorsThanThereAre) {
  const std::string line = complaint(
      [](Arguments words) {
        const rlimit limit = {.rlim_cur = 30, .rlim_max = 30};
        setrlimit(RLIMIT_NOFILE, &limit);
        return check_command(words);
      },
      {"--parallel", "15", nobody});
  EXPECT_NE(line.find("--parallel: 15 cases at once need 31 descriptors"), std::string::npos)
      << line;
}

TEST(RefusedOptions, OfAutobahnClient) {
  expect_refusals(autobahn_client_command,
                  {{{"ws://127.0.0.1:1/?case=1"}, "must not have a query"},
                   {{"http://127.0.0.1:1/"}, "not a ws: or ws+unix: URL"}});
}

}  // namespace
}  // namespace duplex::tools
