// R55: what signals do to `duplex serve`, and what they must not.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <array>
#include <chrono>
#include <string_view>
#include <thread>
#include <vector>

#include "../../tools/duplex/command.h"
#include "child.h"

namespace duplex::tools {
namespace {

constexpr std::string_view going_away = "\x88\x02\x03\xe9";

// `duplex serve` on a free port; what it prints goes into a pipe.
class Served {
 public:
  explicit Served(const std::function<void()>& before = [] {})
      : child_([&] {
          dup2(output_[1], 1);
          before();
          const std::vector<std::string_view> words = {"--port", "0", "--rate", "100/s"};
          return serve_command(words);
        }) {
    const std::string line = first_line(output_[0]);
    port_ = static_cast<std::uint16_t>(std::stoi(line.substr(line.rfind(':') + 1)));
  }
  ~Served() {
    for (const int end : output_) close(end);
  }

  void kill(int signal) const { child_.kill(signal); }
  int wait() const { return child_.wait(); }
  std::uint16_t port() const noexcept { return port_; }

 private:
  std::array<int, 2> output_ = new_pipe();
  Child child_;
  std::uint16_t port_ = 0;
};

// An open WebSocket that answers nothing by itself. Reading gives up after ten seconds.
class Peer {
 public:
  Peer(const Served& served, std::string_view path) {
    const timeval patience = {.tv_sec = 10, .tv_usec = 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(served.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    send("GET " + std::string(path) +
         " HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
    while (!head_.ends_with("\r\n\r\n")) head_ += read(1);
  }
  ~Peer() { close(fd_); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  void send(std::string_view bytes) const {
    EXPECT_EQ(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  std::string read(std::size_t size) const {
    std::string bytes(size, ' ');
    EXPECT_EQ(recv(fd_, bytes.data(), size, MSG_WAITALL), static_cast<ssize_t>(size));
    return bytes;
  }
  void answer_close() const { send(std::string_view("\x88\x82\0\0\0\0\x03\xe9", 8)); }
  bool echoes() const {
    send(std::string_view("\x81\x82\0\0\0\0hi", 8));
    return read(4) == "\x81\x02hi";
  }
  void reset() const {
    const linger at_once = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }

 private:
  int fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::string head_;
};

bool accepts(const std::string& path) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const int result = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  close(fd);
  return result == 0;
}

TEST(ServeSignals, R55EachEndingSignalDrains) {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    const Served served;
    const Peer peer(served, "/echo");
    served.kill(signal);
    EXPECT_EQ(peer.read(going_away.size()), going_away) << signal;
    peer.answer_close();
    EXPECT_EQ(served.wait(), static_cast<int>(ExitCode::ok)) << signal;
  }
}

// What is left is dropped: nobody answers the Close frame.
TEST(ServeSignals, R55ASecondOneWhileItDrainsEndsIt) {
  for (const auto& [first, second] : {std::pair(SIGINT, SIGINT), std::pair(SIGTERM, SIGTERM),
                                      std::pair(SIGTERM, SIGINT), std::pair(SIGHUP, SIGTERM)}) {
    const Served served;
    const Peer peer(served, "/echo");
    served.kill(first);
    EXPECT_EQ(peer.read(going_away.size()), going_away);
    // One that follows at once repeats it.
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    served.kill(second);
    EXPECT_EQ(served.wait(), static_cast<int>(ExitCode::interrupted)) << first << ' ' << second;
  }
}

TEST(ServeSignals, R55AHangUpBesideAnotherSignalIsNoSecondOne) {
  for (const int first : {SIGHUP, SIGTERM}) {
    const Served served;
    const Peer peer(served, "/echo");
    served.kill(first);
    EXPECT_EQ(peer.read(going_away.size()), going_away);
    served.kill(SIGHUP);
    peer.answer_close();
    EXPECT_EQ(served.wait(), static_cast<int>(ExitCode::ok)) << first;
  }
}

TEST(ServeSignals, R55UnderNohupAHangUpIsNothing) {
  const Served served([] { std::signal(SIGHUP, SIG_IGN); });
  const Peer peer(served, "/echo");
  served.kill(SIGHUP);
  EXPECT_TRUE(peer.echoes());
  served.kill(SIGTERM);
  EXPECT_EQ(peer.read(going_away.size()), going_away);
  peer.answer_close();
  EXPECT_EQ(served.wait(), static_cast<int>(ExitCode::ok));
}

// SIGPIPE would end it here, if a single write went without MSG_NOSIGNAL.
TEST(ServeSignals, R55WritingToWhoHasGoneIsNoDeath) {
  const Served served([] { std::signal(SIGPIPE, SIG_DFL); });
  const Peer witness(served, "/echo");
  for (int i = 0; i < 20; ++i) {
    const Peer listener(served, "/feed/ws");
    listener.read(2);
    if (i % 2 != 0) listener.reset();
  }
  const Peer last(served, "/feed/ws");
  last.read(200);  // two more events were written to everybody
  EXPECT_TRUE(witness.echoes());
  served.kill(SIGTERM);
  witness.answer_close();
  EXPECT_EQ(served.wait(), static_cast<int>(ExitCode::ok));
}

// Nobody is there to read where it listens.
TEST(ServeSignals, R55AClosedOutputIsNoDeath) {
  std::array<int, 2> errors = {};
  ASSERT_EQ(pipe(errors.data()), 0);
  const std::string path = "/tmp/duplex-serve-signals-" + std::to_string(getpid());
  const Child child([&] {
    std::array<int, 2> output = {};
    EXPECT_EQ(pipe(output.data()), 0);
    close(output[0]);
    dup2(output[1], 1);
    dup2(errors[1], 2);
    const std::vector<std::string_view> words = {"--unix", path};
    return serve_command(words);
  });
  close(errors[1]);
  while (!accepts(path)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  child.kill(SIGTERM);
  EXPECT_EQ(child.wait(), static_cast<int>(ExitCode::ok));
  EXPECT_EQ(first_line(errors[0]), "");
  close(errors[0]);
}

}  // namespace
}  // namespace duplex::tools
