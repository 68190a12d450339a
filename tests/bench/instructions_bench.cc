// User-space instructions per echoed message, counted by callgrind: the same whatever else runs.
//
// The server runs under valgrind twice, for few and for many messages; the difference is theirs.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

#include "duplex/duplex.h"
#include "heading.h"
#include "load.h"
#include "sockets.h"

namespace duplex::bench {
namespace {

struct Case {
  const char* name;
  std::size_t size;
  int outstanding;
  bool ascii;
  double allowed;         // instructions per message; 0: none stated
  bool socketio = false;  // an event that is acknowledged, with a text of that size
};

constexpr std::array<Case, 7> cases = {{{"125 B, 1 outstanding", 125, 1, true, 1000},
                                        {"125 B, 16 outstanding", 125, 16, true, 450},
                                        {"1 KiB, 1 outstanding", 1024, 1, true, 0},
                                        {"1 KiB non-ASCII", 1024, 1, false, 0},
                                        {"16 KiB", 16 * 1024, 1, true, 15'000},
                                        {"16 KiB non-ASCII", 16 * 1024, 1, false, 34'000},
                                        {"Socket.IO, 64 B, 16", 64, 16, true, 0, true}}};

std::string payload_of(const Case& c, std::string_view text) {
  return c.socketio ? "421[\"echo\",\"" + std::string(text) + "\"]" : std::string(text);
}

// Of the answer: of an event its acknowledgement, 431["..."].
std::size_t answer_size(const Case& c) {
  return unmasked_size(c.size + (c.socketio ? std::string_view(R"(431[""])").size() : 0));
}

// Serves on a port of its own, which it writes to `port_file`, until the first client has gone.
int serve(const char* port_file) {
  EventLoop loop;
  Server server(loop);
  server.websocket("/",
                   {.on_message = [](Connection& peer, Message message) { peer.send(message); },
                    .on_close = [&](Connection&, const CloseEvent&) { loop.stop(); }});
  socketio::Server io(server);
  io.of("/")
      .on("echo", [](socketio::Socket&, const socketio::Json& text,
                     const socketio::Ack& ack) { ack(text); })
      .on_disconnect([&](socketio::Socket&, auto) { loop.stop(); });
  std::ofstream(port_file) << server.port() << std::endl;
  loop.run();
  return 0;
}

int wait_for_port(const std::string& port_file, pid_t server) {
  for (;;) {
    int port = 0;
    std::ifstream in(port_file);
    if (in >> port && in.get() == '\n') return port;
    if (waitpid(server, nullptr, WNOHANG) == server) {
      std::fputs("valgrind did not start: sudo apt-get install valgrind\n", stderr);
      std::exit(1);
    }
    usleep(10'000);
  }
}

std::uint64_t instructions_in(const std::string& output) {
  std::ifstream in(output);
  for (std::string line; std::getline(in, line);) {
    const bool totals = line.starts_with("summary: ") || line.starts_with("totals: ");
    if (totals) return std::stoull(line.substr(line.find(' ') + 1));
  }
  return 0;
}

std::uint64_t instructions_for(const char* program, const Case& c, std::uint64_t messages) {
  const std::string folder = "/tmp/duplex-callgrind." + std::to_string(getpid());
  const std::string port_file = folder + ".port";
  const std::string output = folder + ".out";
  unlink(port_file.c_str());
  const pid_t server = fork();
  if (server == 0) {
    const std::string out_option = "--callgrind-out-file=" + output;
    // It would warn of epoll_pwait2, which it does not know; the loop then uses epoll_wait.
    execlp("valgrind", "valgrind", "-q", "--log-file=/dev/null", "--tool=callgrind",
           out_option.c_str(), program, "--serve", port_file.c_str(), nullptr);
    _exit(127);
  }
  const int port = wait_for_port(port_file, server);
  {
    const std::string text = c.ascii ? ascii_text(c.size) : non_ascii_text(c.size);
    Load load({.port = static_cast<std::uint16_t>(port),
               .websocket = true,
               .socketio = c.socketio,
               .connections = 1,
               .outstanding = c.outstanding,
               .message = masked_frame(true, payload_of(c, text)),
               .reply_size = answer_size(c)});
    load.run(messages);
  }
  waitpid(server, nullptr, 0);
  const std::uint64_t count = instructions_in(output);
  unlink(port_file.c_str());
  unlink(output.c_str());
  return count;
}

bool measure(const char* program, const Case& c) {
  constexpr std::uint64_t few = 500;
  constexpr std::uint64_t many = 2500;
  const std::uint64_t base = instructions_for(program, c, few);
  const std::uint64_t more = instructions_for(program, c, many);
  const double each = static_cast<double>(more - base) / static_cast<double>(many - few);
  const bool within = c.allowed == 0 || each <= c.allowed;
  std::printf("%-24s %10.0f", c.name, each);
  if (c.allowed > 0) std::printf("   (at most %.0f%s)", c.allowed, within ? "" : ": EXCEEDED");
  std::printf("\n");
  std::fflush(stdout);
  return within;
}

}  // namespace
}  // namespace duplex::bench

int main(int argc, char** argv) {
  using namespace duplex::bench;
  if (argc == 3 && std::strcmp(argv[1], "--serve") == 0) return serve(argv[2]);
  print_heading("User-space instructions per echoed text message (callgrind)");
  bool all_within = true;
  for (const Case& c : cases) all_within = measure(argv[0], c) && all_within;
  return all_within ? EXIT_SUCCESS : EXIT_FAILURE;
}
