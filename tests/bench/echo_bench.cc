// What an echoed message costs the server, beside a raw epoll TCP echo of as many bytes.
//
// Both servers stand on the first core, the load on the second. Rounds alternate between them, and
// the ratio is the median over the rounds' own ratios.
#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "child.h"
#include "heading.h"
#include "load.h"
#include "servers.h"
#include "sockets.h"

namespace duplex::bench {
namespace {

struct Case {
  std::size_t size;
  int connections;
  int outstanding;
};

struct Figures {
  std::vector<double> microseconds = {};  // server CPU per message, one a round
  std::vector<double> syscalls = {};      // per message
};

class Arm {
 public:
  Arm(const Child& child, LoadOptions options) : child_(child), load_(std::move(options)) {}

  void round(std::uint64_t messages) {
    const double cpu = child_.cpu_seconds();
    const std::uint64_t calls = child_.syscalls();
    load_.run(messages);
    const auto count = static_cast<double>(messages);
    figures_.microseconds.push_back((child_.cpu_seconds() - cpu) * 1e6 / count);
    figures_.syscalls.push_back(static_cast<double>(child_.syscalls() - calls) / count);
  }
  void warm_up(std::uint64_t messages) { load_.run(messages); }
  const Figures& figures() const { return figures_; }

 private:
  const Child& child_;
  Load load_;
  Figures figures_;
};

std::uint64_t messages_for(const Case& c, bool quick) {
  const std::uint64_t bytes = quick ? 4'000'000 : 64'000'000;
  const std::uint64_t most = quick ? 5'000 : 40'000;
  return std::clamp<std::uint64_t>(bytes / c.size, 200, most);
}

void run(const Case& c, const Child& duplex_echo, const Child& raw_echo, bool quick) {
  const std::string payload = ascii_text(c.size);
  const std::string frame = masked_frame(true, payload);
  Arm duplex(duplex_echo, {.port = duplex_echo.port(),
                           .websocket = true,
                           .connections = c.connections,
                           .outstanding = c.outstanding,
                           .message = frame,
                           .reply_size = unmasked_size(c.size)});
  Arm raw(raw_echo, {.port = raw_echo.port(),
                     .websocket = false,
                     .connections = c.connections,
                     .outstanding = c.outstanding,
                     .message = frame,
                     .reply_size = frame.size()});
  const std::uint64_t messages = messages_for(c, quick);
  duplex.warm_up(messages / 10 + 100);
  raw.warm_up(messages / 10 + 100);
  std::vector<double> ratios;
  for (int round = 0; round < (quick ? 3 : 7); ++round) {
    duplex.round(messages);
    raw.round(messages);
    ratios.push_back(duplex.figures().microseconds.back() / raw.figures().microseconds.back());
  }
  std::printf("%8zu B %5d %5d %12.2f us %9.2f us %8.2f x %10.3f %8.3f\n", c.size, c.connections,
              c.outstanding, median(duplex.figures().microseconds),
              median(raw.figures().microseconds), median(ratios), median(duplex.figures().syscalls),
              median(raw.figures().syscalls));
  std::fflush(stdout);
}

}  // namespace
}  // namespace duplex::bench

int main(int argc, char** argv) {
  using namespace duplex::bench;
  const bool quick = is_quick(argc, argv);
  print_heading("Echo: server CPU and system calls per message, and a raw TCP echo beside it");
  std::printf("%10s %5s %5s %15s %12s %10s %10s %8s\n", "text", "conns", "outst", "duplex CPU",
              "raw CPU", "ratio", "duplex sys", "raw sys");
  const Child duplex_echo(serve_duplex_echo);
  const Child raw_echo(serve_raw_echo);
  pin_to_core(1);
  for (const int connections : {1, 64}) {
    for (const int outstanding : {1, 16}) {
      for (const std::size_t size : {16U, 125U, 1024U, 16U * 1024, 64U * 1024}) {
        run({size, connections, outstanding}, duplex_echo, raw_echo, quick);
      }
    }
  }
}
