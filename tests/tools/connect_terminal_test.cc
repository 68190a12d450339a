// `duplex connect` on a terminal: a pty, with a person at the other end.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>

#include <array>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "../../tools/duplex/command.h"
#include "child.h"
#include "duplex/duplex.h"

namespace duplex::tools {
namespace {

// A terminal whose other side runs `duplex connect` with an echo server.
class Terminal {
 public:
  Terminal() {
    EXPECT_EQ(openpty(&master_, &slave_, nullptr, nullptr, nullptr), 0);
    const winsize size = {.ws_row = 24, .ws_col = 80, .ws_xpixel = 0, .ws_ypixel = 0};
    ioctl(master_, TIOCSWINSZ, &size);
  }
  ~Terminal() {
    close(master_);
    close(slave_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  // In the child.
  ExitCode connect(bool is_of_events = false) const {
    setsid();
    ioctl(slave_, TIOCSCTTY, 0);
    for (const int descriptor : {0, 1, 2}) dup2(slave_, descriptor);
    setenv("TERM", "xterm", 1);
    // Signals are for the loop of the command, not for the server's thread.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    EventLoop loop;
    Server server(loop, {.port = 0});
    server.websocket("/", {.on_message = [](Connection& peer, Message m) { peer.send(m); }});
    socketio::Server io(server);
    io.of("/").on("echo", [](socketio::Socket& socket, int number, const socketio::Ack& ack) {
      ack ? ack(number) : static_cast<void>(socket.emit("echo", number));
    });
    const std::string place = "127.0.0.1:" + std::to_string(server.port()) + "/";
    const std::string url = (is_of_events ? "http://" : "ws://") + place;
    std::vector<std::string_view> words = {url};
    if (is_of_events) words.emplace_back("--socketio");
    std::thread thread([&loop] { loop.run(); });
    const ExitCode exit = connect_command(words);
    loop.stop();
    thread.join();
    return exit;
  }

  void type(std::string_view keys) const {
    EXPECT_EQ(write(master_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
  }
  // Reads until `text` has come, behind what was read before; false when it never does.
  bool shows(std::string_view text) {
    std::array<char, 4096> part;
    for (std::size_t found; (found = screen_.find(text, seen_)) == std::string::npos;) {
      pollfd waited = {.fd = master_, .events = POLLIN, .revents = 0};
      if (poll(&waited, 1, 30'000) != 1) return false;
      const ssize_t size = read(master_, part.data(), part.size());
      if (size <= 0) return false;
      screen_.append(part.data(), static_cast<std::size_t>(size));
    }
    seen_ = screen_.find(text, seen_) + text.size();
    return true;
  }
  bool echoes() const {
    termios mode = {};
    return tcgetattr(slave_, &mode) == 0 && (mode.c_lflag & ECHO) != 0;
  }
  const std::string& screen() const noexcept { return screen_; }

 private:
  int master_ = -1;
  int slave_ = -1;
  std::string screen_;
  std::size_t seen_ = 0;
};

TEST(ConnectTerminal, EditsRemembersAndCompletes) {
  Terminal terminal;
  const Child child([&] { return terminal.connect(); });
  ASSERT_TRUE(terminal.shows("> ")) << terminal.screen();
  EXPECT_FALSE(terminal.echoes());
  terminal.type("hellp\x7fo\r");
  ASSERT_TRUE(terminal.shows("> hello\r\n")) << terminal.screen();
  ASSERT_TRUE(terminal.shows("hello\r\n")) << "the echo";
  terminal.type("\x1b[A!\r");
  ASSERT_TRUE(terminal.shows("> hello!\r\n"));
  ASSERT_TRUE(terminal.shows("hello!\r\n"));
  terminal.type("/pi\t\r");
  ASSERT_TRUE(terminal.shows("pong 'ping 1' after "));
  terminal.type("\x04");
  ASSERT_TRUE(terminal.shows("closed with 1000"));
  EXPECT_EQ(child.wait(), 0);
  EXPECT_TRUE(terminal.echoes()) << "it is left as it was found";
}

TEST(ConnectTerminal, WhatComesLeavesTheLineUnderTheCursorAlone) {
  Terminal terminal;
  const Child child([&] { return terminal.connect(); });
  ASSERT_TRUE(terminal.shows("> "));
  terminal.type("/ping\rhalf a li");
  ASSERT_TRUE(terminal.shows("pong 'ping 1' after "));
  ASSERT_TRUE(terminal.shows("\r> half a li\x1b[K"));
  terminal.type("ne\r");
  ASSERT_TRUE(terminal.shows("> half a line\r\n"));
  terminal.type("\x03");
  EXPECT_EQ(child.wait(), 130);
  EXPECT_TRUE(terminal.echoes());
}

TEST(ConnectTerminal, EditsEventsOfSocketIoToo) {
  Terminal terminal;
  const Child child([&] { return terminal.connect(true); });
  ASSERT_TRUE(terminal.shows("> ")) << terminal.screen();
  terminal.type("echp\x7fo 1\r");
  ASSERT_TRUE(terminal.shows("> echo 1\r\n")) << terminal.screen();
  ASSERT_TRUE(terminal.shows("echo 1\r\n")) << "the event that came back";
  terminal.type("/ac\t echo 2\r");
  ASSERT_TRUE(terminal.shows("echo -> 2 (after ")) << terminal.screen();
  terminal.type("\x1b[A\x1b[D3\rhalf");
  ASSERT_TRUE(terminal.shows("echo -> 32 (after ")) << terminal.screen();
  ASSERT_TRUE(terminal.shows("\r> half\x1b[K"));
  terminal.type("\x15\x04");
  EXPECT_EQ(child.wait(), 0);
  EXPECT_TRUE(terminal.echoes());
}

}  // namespace
}  // namespace duplex::tools
