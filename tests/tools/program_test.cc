// The subcommands as processes: what is closed, full, endless or asked to end twice.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "../../tools/duplex/command.h"
#include "../../tools/duplex/connect/conversation.h"
#include "../../tools/duplex/connect/stdin_lines.h"
#include "child.h"
#include "duplex/duplex.h"
#include "duplex/net/linux_kernel.h"

namespace duplex::tools {
namespace {

void become(int descriptor, const char* path, int flags) {
  const int opened = open(path, flags);
  dup2(opened, descriptor);
  close(opened);
}

// Connects to a server of the same process.
ExitCode converse(WebSocketHandlers handlers, ConversationOptions options = {}) {
  EventLoop loop;
  Server server(loop);
  server.websocket("/", std::move(handlers));
  options.url = "ws://127.0.0.1:" + std::to_string(server.port()) + '/';
  StandardConsole console(true);
  StdinLines input;
  Conversation conversation(loop, std::move(options), console, input);
  conversation.start();
  loop.run();
  return conversation.exit_code();
}

ExitCode hear_hello(ConversationOptions options = {}) {
  return converse({.on_open = [](Connection& peer, const auto&) { peer.send_text("hello"); }},
                  std::move(options));
}

// With a server that closes, decently, at the first message.
ExitCode be_cut_off(const std::string& input, ConversationOptions options = {}) {
  const std::array<int, 2> ends = new_pipe();
  dup2(ends[0], 0);
  become(1, "/dev/null", O_WRONLY);
  EXPECT_EQ(write(ends[1], input.data(), input.size()), static_cast<ssize_t>(input.size()));
  // The pipe stays open: the end of the input does not come.
  return converse({.on_message = [](Connection& peer, Message) { peer.close(); }},
                  std::move(options));
}

TEST(Program, ConnectNoticesInputThatWasNotSent) {
  const Child whole([] { return be_cut_off("one\n"); });
  EXPECT_EQ(whole.wait(), static_cast<int>(ExitCode::ok)) << "nothing else was to be said";
  const Child part([] { return be_cut_off("one\nan unfinished line"); });
  EXPECT_EQ(part.wait(), static_cast<int>(ExitCode::usage));
}

TEST(Program, ConnectSaysThatItCannotReadItsInput) {
  const Child child([] {
    become(1, "/dev/null", O_WRONLY);
    return converse({.on_open = [](Connection&, const auto&) {
      // The client's handler is next: it finds no descriptor left.
      rlimit limit = {.rlim_cur = 3, .rlim_max = 3};
      setrlimit(RLIMIT_NOFILE, &limit);
    }});
  });
  EXPECT_EQ(child.wait(), static_cast<int>(ExitCode::usage));
}

TEST(Program, ConnectNoticesMessagesThatDidNotCome) {
  const Child child([] { return be_cut_off("one\n", {.url = {}, .max_messages = 1}); });
  EXPECT_EQ(child.wait(), static_cast<int>(ExitCode::threshold_missed));
}

TEST(Program, ConnectEndsWhenItsOutputDoes) {
  std::array<int, 2> input = {};
  ASSERT_EQ(pipe(input.data()), 0);
  const Child child([&] {
    dup2(input[0], 0);
    become(1, "/dev/full", O_WRONLY);
    return hear_hello();
  });
  EXPECT_EQ(child.wait(), static_cast<int>(ExitCode::usage));
  close(input[0]);
  close(input[1]);
}

TEST(Program, ConnectRefusesAnEndlessLine) {
  const Child child([] {
    become(0, "/dev/zero", O_RDONLY);
    become(1, "/dev/null", O_WRONLY);
    return hear_hello();
  });
  EXPECT_EQ(child.wait(), static_cast<int>(ExitCode::usage));
}

TEST(Program, WhatIsNoUrlIsUsage) {
  for (const auto command : {load_command, check_command, autobahn_client_command}) {
    for (const std::string_view url : {"echo", "wss://127.0.0.1/", "ws://127.0.0.1:99999/"}) {
      const Child child([&] { return command(std::array{url}); });
      EXPECT_EQ(child.wait(), static_cast<int>(ExitCode::usage)) << url;
    }
  }
}

TEST(Program, OutputThatCannotBeWrittenIsNoticed) {
  const Child full([] {
    become(1, "/dev/full", O_WRONLY);
    return print("lost\n") == Written::yes ? ExitCode::ok : ExitCode::usage;
  });
  EXPECT_EQ(full.wait(), static_cast<int>(ExitCode::usage));
  const Child null([] {
    become(1, "/dev/null", O_WRONLY);
    return print("lost\n") == Written::yes ? ExitCode::ok : ExitCode::usage;
  });
  EXPECT_EQ(null.wait(), static_cast<int>(ExitCode::ok));
}

// As the messages of `connect` and the figures of its -w.
TEST(Program, OutputThatCannotBeWrittenIsNoticedOnce) {
  const std::array<int, 2> errors = new_pipe();
  const Child full([&] {
    become(1, "/dev/full", O_WRONLY);
    dup2(errors[1], 2);
    const bool noticed = print("lost\n") == Written::no && print("lost, too\n") == Written::no;
    complain("the end");
    return noticed ? ExitCode::usage : ExitCode::ok;
  });
  EXPECT_EQ(full.wait(), static_cast<int>(ExitCode::usage));
  EXPECT_TRUE(first_line(errors[0]).starts_with("duplex: cannot write to standard output: "));
  EXPECT_EQ(first_line(errors[0]), "the end");
  for (const int end : errors) close(end);
}

// It has told nobody where it listens.
TEST(Program, ServeEndsWhenItCannotSayWhereItListens) {
  for (const std::string_view threads : {"1", "3"}) {
    const Child child([&] {
      become(1, "/dev/full", O_WRONLY);
      const std::vector<std::string_view> words = {"--port", "0", "--threads", threads};
      return serve_command(words);
    });
    EXPECT_EQ(child.wait(), static_cast<int>(ExitCode::usage)) << threads;
  }
}

// Else the next socket would be standard output.
TEST(Program, ClosedStandardDescriptorsAreTakenButNotUsable) {
  const Child child([] {
    for (const int descriptor : {0, 1, 2}) close(descriptor);
    occupy_standard_descriptors();
    const int next = open("/dev/null", O_RDONLY);
    char byte = 0;
    const bool usable = read(0, &byte, 1) >= 0 || write(1, "x", 1) >= 0 || write(2, "x", 1) >= 0;
    return next == 3 && !usable ? ExitCode::ok : ExitCode::usage;
  });
  EXPECT_EQ(child.wait(), static_cast<int>(ExitCode::ok));
}

TEST(Program, OpenStandardDescriptorsAreLeftAlone) {
  const Child child([] {
    become(0, "/dev/zero", O_RDONLY);
    occupy_standard_descriptors();
    char byte = 1;
    return read(0, &byte, 1) == 1 && byte == 0 ? ExitCode::ok : ExitCode::usage;
  });
  EXPECT_EQ(child.wait(), static_cast<int>(ExitCode::ok));
}

bool accepts(std::uint16_t port) {
  net::LinuxKernel kernel;
  const int socket = kernel.socket(net::AddressFamily::ipv4);
  const int result = kernel.connect(socket, *net::Address::parse("127.0.0.1", port));
  // Over loopback, a refusal is there at once.
  const bool accepted = result != -ECONNREFUSED && kernel.socket_error(socket) != ECONNREFUSED;
  kernel.close(socket);
  return accepted;
}

// An open WebSocket keeps one thread of the three; which one is the kernel's choice, so again and
// again.
TEST(Program, ServeDropsWhatIsLeftAtASecondSignal) {
  for (int round = 0; round < 8; ++round) {
    std::array<int, 2> output = {};
    ASSERT_EQ(pipe(output.data()), 0);
    const Child child([&] {
      dup2(output[1], 1);
      const std::vector<std::string_view> words = {"--port", "0", "--threads", "3"};
      return serve_command(words);
    });
    const std::string line = first_line(output[0]);
    const auto port = static_cast<std::uint16_t>(std::stoi(line.substr(line.rfind(':') + 1)));
    EventLoop loop;
    Client client(loop);
    client.connect("ws://127.0.0.1:" + std::to_string(port) + "/echo",
                   {.websocket = {.on_open = [&](Connection&, const auto&) { loop.stop(); }}});
    loop.run();
    // The client's loop rests from here on: nobody answers the Close frame.
    child.kill(SIGTERM);
    while (accepts(port)) continue;
    usleep(150'000);  // one at once would be the same wish
    child.kill(SIGTERM);
    EXPECT_EQ(child.wait(), static_cast<int>(ExitCode::interrupted));
    close(output[0]);
    close(output[1]);
  }
}

// Signals are for the loop, whatever threads there are.
TEST(Program, ServeDrainsWithThePlainTcpFloorToo) {
  std::array<int, 2> output = {};
  ASSERT_EQ(pipe(output.data()), 0);
  const Child child([&] {
    dup2(output[1], 1);
    const std::vector<std::string_view> words = {"--port", "0", "--tcp-port", "0"};
    return serve_command(words);
  });
  first_line(output[0]);
  child.kill(SIGTERM);
  EXPECT_EQ(child.wait(), static_cast<int>(ExitCode::ok));
  close(output[0]);
  close(output[1]);
}

}  // namespace
}  // namespace duplex::tools
