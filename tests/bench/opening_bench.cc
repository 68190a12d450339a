// What an opening and closing handshake costs, beside a bare accept, read, write, close loop.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <vector>

#include "child.h"
#include "heading.h"
#include "servers.h"
#include "sockets.h"

namespace duplex::bench {
namespace {

struct Figures {
  double microseconds;  // of server CPU per opening
  double syscalls;      // per opening
  double rate;          // openings per second, one after the other
};

Figures measure(const Child& child, int count) {
  const std::string close_frame = "\x88\x82" + std::string("\x00\x00\x00\x00\x03\xe8", 6);
  const double cpu = child.cpu_seconds();
  const std::uint64_t calls = child.syscalls();
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < count; ++i) {
    const int fd = connect_to_loopback(child.port());
    open_websocket(fd, "/");
    send_all(fd, close_frame);
    receive_exactly(fd, 4);
    close(fd);
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  return {(child.cpu_seconds() - cpu) * 1e6 / count,
          static_cast<double>(child.syscalls() - calls) / count, count / elapsed.count()};
}

}  // namespace
}  // namespace duplex::bench

int main(int argc, char** argv) {
  using namespace duplex::bench;
  const int count = is_quick(argc, argv) ? 200 : 2000;
  print_heading("Opening and closing handshakes, and a bare accept-read-write-close loop beside");
  const Child duplex_echo(serve_duplex_echo);
  const Child raw(serve_raw_openings);
  pin_to_core(1);
  std::vector<double> cpu_ratios;
  std::vector<double> rate_ratios;
  Figures ours{};
  Figures bare{};
  for (int round = 0; round < 5; ++round) {
    ours = measure(duplex_echo, count);
    bare = measure(raw, count);
    cpu_ratios.push_back(ours.microseconds / bare.microseconds);
    rate_ratios.push_back(ours.rate / bare.rate);
  }
  std::printf("%10s %12s %14s %16s\n", "server", "CPU", "system calls", "openings");
  const auto row = [](const char* name, const Figures& f) {
    std::printf("%10s %9.2f us %14.2f %14.0f/s\n", name, f.microseconds, f.syscalls, f.rate);
  };
  row("duplex", ours);
  row("bare", bare);
  std::printf("duplex / bare: CPU %.2f x, rate %.2f x (medians of 5 rounds)\n", median(cpu_ratios),
              median(rate_ratios));
}
