// duplex check as a process: what it prints, and how it ends.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <string_view>
#include <vector>

#include "../../tools/duplex/command.h"
#include "child.h"
#include "duplex/duplex.h"

namespace duplex::tools {
namespace {

using Words = std::vector<std::string_view>;

// What it prints on stdout and stderr.
std::string output_of(const Words& words, ExitCode exit) {
  const auto ends = new_pipe();
  const Child child([&] {
    for (const int descriptor : {1, 2}) dup2(ends[1], descriptor);
    close(ends[1]);
    return check_command(words);
  });
  close(ends[1]);
  std::string text;
  for (char c = 0; read(ends[0], &c, 1) == 1;) text += c;
  close(ends[0]);
  EXPECT_EQ(child.wait(), static_cast<int>(exit)) << text;
  return text;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(CheckProgram, ACaseIsRepeatedWithWhatItsOutcomeDependsOn) {
  EventLoop loop;
  Server server(loop);
  server.websocket("/", {});  // echoes nothing
  const Child serving([&] {
    loop.run();
    return ExitCode::ok;
  });
  const std::string url = "ws://127.0.0.1:" + std::to_string(server.port()) + "/";
  const std::string text = output_of({"--case", "1.1.1", "--limit", "4KiB", "--timeout", "1s", url},
                                     ExitCode::protocol_violation);
  EXPECT_TRUE(contains(text, "duplex check --case 1.1.1 --limit 4096 --timeout 1s " + url + "\n"))
      << text;
  serving.kill(SIGKILL);
  serving.wait();
}

TEST(CheckProgram, ACommandThatRunsNoCaseEndsItAll) {
  const std::string text =
      output_of({"--exec", "no-such-command {url}"}, ExitCode::could_not_connect);
  EXPECT_TRUE(contains(text,
                       "duplex check: --exec: 'no-such-command {url}': the command ended (exit "
                       "code 127: not found) without running the case\n"))
      << text;
  EXPECT_FALSE(contains(text, "FAILED")) << text;
}

TEST(CheckProgram, AWrongPlaceIsAMatterOfUsage) {
  for (const std::string where : {"ws://127.0.0.1:9471/echo", "127.0.0.1:70000"}) {
    EXPECT_EQ(output_of({"--listen", where}, ExitCode::usage),
              "duplex check: --listen: '" + where +
                  "' is not HOST or HOST:PORT, with a port of 0 to 65535\n");
  }
  EXPECT_EQ(output_of({"127.0.0.1:9471"}, ExitCode::usage),
            "duplex check: '127.0.0.1:9471' is no URL: without --listen or --exec that of an echo "
            "server is needed, ws://HOST[:PORT]/PATH\n");
}

TEST(CheckProgram, CasesAtTheEdgeOfALimitNeedOne) {
  EXPECT_EQ(output_of({"--case", "F19", "ws://a/"}, ExitCode::usage),
            "duplex check: --case: 'F19' needs --limit SIZE: it is about the edge of the peer's "
            "largest message\n");
  EXPECT_TRUE(
      contains(output_of({"--list", "--case", "F19", "--limit", "1KiB"}, ExitCode::ok), "F19"));
  EXPECT_TRUE(contains(output_of({"--case", "F9999", "ws://a/"}, ExitCode::usage),
                       "no case is called 'F9999'"));
}

// A server that opens, and then says nothing.
TEST(CheckProgram, ASignalEndsItAtOnce) {
  const auto begun = new_pipe();
  EventLoop loop;
  Server server(loop);
  int opened = 0;
  server.websocket("/", {.on_open = [&](Connection&, const http::Request&) {
                     // The first one is only to see whether it opens.
                     if (++opened == 2 && write(begun[1], "x", 1) != 1) _exit(1);
                   }});
  const Child serving([&] {
    loop.run();
    return ExitCode::ok;
  });
  const std::string url = "ws://127.0.0.1:" + std::to_string(server.port()) + "/";
  const auto ends = new_pipe();
  const Child checking([&] {
    dup2(ends[1], 1);
    close(ends[1]);
    return check_command(Words{"--case", "1.1.*", "--timeout", "1h", url});
  });
  close(ends[1]);
  char byte = 0;
  EXPECT_EQ(read(begun[0], &byte, 1), 1);
  checking.kill(SIGTERM);
  std::string text;
  for (char c = 0; read(ends[0], &c, 1) == 1;) text += c;
  for (const int end : {begun[0], begun[1], ends[0]}) close(end);
  EXPECT_EQ(checking.wait(), static_cast<int>(ExitCode::interrupted));
  EXPECT_TRUE(text.ends_with("\ninterrupted: 0 of 8 cases\n")) << text;
  serving.kill(SIGKILL);
  serving.wait();
}

// The server ends itself with the connection that is the second to send a message.
TEST(CheckProgram, AServerThatIsGoneIsSaidToBe) {
  const auto ports = new_pipe();
  const Child serving([&] {
    EventLoop loop;
    Server server(loop);
    int messages = 0;
    server.websocket("/", {.on_message = [&](Connection& peer, Message message) {
                       if (++messages == 2) _exit(0);
                       peer.send(message);
                     }});
    const std::string port = std::to_string(server.port()) + "\n";
    EXPECT_EQ(write(ports[1], port.data(), port.size()), static_cast<ssize_t>(port.size()));
    loop.run();
    return ExitCode::ok;
  });
  const std::string url = "ws://127.0.0.1:" + first_line(ports[0]) + "/";
  for (const int end : ports) close(end);
  const std::string text =
      output_of({"--case", "1.1.[1-5]", "--parallel", "1", url}, ExitCode::could_not_connect);
  // The system may still take a connection while it clears up behind the process.
  EXPECT_TRUE(contains(text, "the server is gone since case 1.1.")) << text;
  EXPECT_TRUE(contains(text, ": cannot connect to 127.0.0.1:")) << text;
  EXPECT_TRUE(contains(text, "under way when it went, or just over: 1.1.2")) << text;
  EXPECT_TRUE(text.ends_with(" of 5 cases\n")) << text;
  serving.wait();
}

}  // namespace
}  // namespace duplex::tools
