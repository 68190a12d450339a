// What the commands refuse, and how they say so: options that mean nothing beside the others.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

#include "../../tools/duplex/command.h"
#include "child.h"

namespace duplex::tools {
namespace {

using Words = std::vector<std::string_view>;

struct Row {
  Words words;
  std::string_view says;  // a part of it
};

constexpr std::string_view nobody = "ws://127.0.0.1:1/";

// What the command says on stderr when it is refused.
std::string complaint(ExitCode (*command)(Arguments), const Words& words) {
  const auto ends = new_pipe();
  const Child child([&] {
    dup2(ends[1], 2);
    return command(words);
  });
  close(ends[1]);
  const std::string line = first_line(ends[0]);
  close(ends[0]);
  EXPECT_EQ(child.wait(), static_cast<int>(ExitCode::usage)) << line;
  return line;
}

void expect_refusals(ExitCode (*command)(Arguments), const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    const std::string line = complaint(command, row.words);
    EXPECT_NE(line.find(row.says), std::string::npos) << row.says << ": " << line;
  }
}

TEST(RefusedOptions, OfCheck) {
  expect_refusals(check_command,
                  {{{"--once", nobody}, "--once needs --listen"},
                   {{"--once", "--listen", "--exec", "a {url}"}, "exclude each other"},
                   {{"--exec", "true"}, "'true' has no {url}"},
                   {{"--listen", "--parallel", "3"}, "--parallel means nothing"},
                   {{"--listen", "--agent", "me"}, "--agent: 'me'"},
                   {{"--timeout", "999ms", nobody}, "--timeout must be at least 1s"},
                   {{"--list", nobody}, "'ws://127.0.0.1:1/'"},
                   {{"--list", "-o", "a.json"}, "--list and --output"},
                   {{"--list", "--format", "json"}, "--format"},
                   {{"--list", "--timeout", "9s"}, "--timeout"},
                   {{"--case", "1.1.1", "--case", "Z*", nobody}, "--case: no case is called 'Z*'"},
                   {{"--exclude", "zero", nobody}, "--exclude: no case is called 'zero'"},
                   {{"--listen", "--case", "W*"}, "no case is called 'W*'"},
                   {{"--exclude", "*", nobody}, "--exclude leaves no case"},
                   {{"http://127.0.0.1:1/"}, "not a ws: or ws+unix: URL"}});
}

TEST(RefusedOptions, OfConnect) {
  expect_refusals(
      connect_command,
      {{{"--auth", "{}", nobody}, "--auth needs --socketio"},
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
       {{"--preset", "wind-4hz", "--delay", "5ms"}, "the preset wind-4hz varies --wire"},
       {{"--preset", "winds"}, "'winds' is not one of a-a, "}});
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
