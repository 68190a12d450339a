// Socket.IO over WebSocket: what an acknowledgement, a delivery and an idle connection cost the
// server, and what they cost npm socket.io 4 on Node in the same run.
//
// Both servers run on the first core, the clients on the second; the servers take turns. NODE_PATH
// says where socket.io is; without it Duplex is measured alone.
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "child.h"
#include "heading.h"
#include "load.h"
#include "node_process.h"
#include "servers.h"
#include "sockets.h"

namespace duplex::bench {
namespace {

constexpr std::size_t payload_size = 64;
constexpr int echo_connections = 1000;
constexpr std::size_t audience_size = 1000;
constexpr double least_cpu_ratio = 10;
constexpr double least_memory_ratio = 8;

struct Target {
  const char* name;
  pid_t id;
  std::uint16_t port;
};

std::string event(std::string_view prefix, std::string_view name, std::string_view text) {
  return std::string(prefix) + "[\"" + std::string(name) + "\",\"" + std::string(text) + "\"]";
}

double microseconds_since(const Target& target, double before, std::uint64_t count) {
  return (cpu_seconds_of(target.id) - before) * 1e6 / static_cast<double>(count);
}

// --- Acknowledgements ----------------------------------------------------------------------------

class EchoArm {
 public:
  explicit EchoArm(const Target& target) : target_(target), load_(options(target.port)) {
    load_.run(20'000);
  }
  void round(std::uint64_t count) {
    const double before = cpu_seconds_of(target_.id);
    load_.run(count);
    figures.push_back(microseconds_since(target_, before, count));
  }

  std::vector<double> figures = {};  // microseconds of server CPU per acknowledgement

 private:
  static LoadOptions options(std::uint16_t port) {
    const std::string text = ascii_text(payload_size);
    return {.port = port,
            .socketio = true,
            .connections = echo_connections,
            .message = masked_frame(true, event("421", "echo", text)),
            .reply_size = unmasked_size(text.size() + std::string_view(R"(431[""])").size())};
  }

  Target target_;
  Load load_;
};

// --- Broadcasts ----------------------------------------------------------------------------------

// Clients that count the bytes that they hear, all together.
class Audience {
 public:
  Audience(std::uint16_t port, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const int fd = connections_.emplace_back(connect_to_loopback(port));
      open_socketio(fd);
      epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
      epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
    }
  }
  ~Audience() {
    for (const int fd : connections_) close(fd);
    close(epoll_);
  }
  Audience(const Audience&) = delete;
  Audience& operator=(const Audience&) = delete;

  void say(std::string_view frames) { send_all(connections_.front(), frames); }
  void hear(std::size_t size) {
    static std::vector<char> buffer(std::size_t{1} << 20);
    std::array<epoll_event, 256> events;
    while (size > 0) {
      const int ready = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < ready; ++i) {
        const int fd = events[static_cast<std::size_t>(i)].data.fd;
        const ssize_t count = recv(fd, buffer.data(), buffer.size(), 0);
        if (count <= 0) std::abort();
        size -= std::min(size, static_cast<std::size_t>(count));
      }
    }
  }
  std::size_t size() const noexcept { return connections_.size(); }

 private:
  std::vector<int> connections_ = {};
  int epoll_ = epoll_create1(EPOLL_CLOEXEC);
};

class BroadcastArm {
 public:
  explicit BroadcastArm(const Target& target)
      : target_(target), audience_(target.port, audience_size) {
    spread(50);
  }
  void round(std::size_t count) {
    const double before = cpu_seconds_of(target_.id);
    spread(count);
    figures.push_back(microseconds_since(target_, before, count * audience_.size()));
  }

  std::vector<double> figures = {};  // microseconds of server CPU per delivery

 private:
  // One after the other: so the server never waits, and nobody is asked to take more than he can.
  void spread(std::size_t count) {
    const std::string text = ascii_text(payload_size);
    const std::string frame = masked_frame(true, event("42", "spread", text));
    const std::size_t heard = unmasked_size(event("42", "spread", text).size());
    for (std::size_t i = 0; i < count; ++i) {
      audience_.say(frame);
      audience_.hear(heard * audience_.size());
    }
  }

  Target target_;
  Audience audience_;
};

// --- Idle connections ----------------------------------------------------------------------------

void settle() { usleep(500'000); }

// Bytes of RSS for each. What the first connections cost once is not counted.
double idle_memory(const Target& target, std::size_t count) {
  const Audience first(target.port, 100);
  settle();
  const std::uint64_t before = resident_memory_of(target.id);
  const Audience idle(target.port, count);
  settle();
  const std::uint64_t after = resident_memory_of(target.id);
  return (static_cast<double>(after) - static_cast<double>(before)) / static_cast<double>(count);
}

// --- Side by side --------------------------------------------------------------------------------

// The figures of each target, whose rounds take turns.
template <class Arm>
std::vector<double> take_turns(const std::vector<Target>& targets, int rounds, std::size_t count) {
  std::deque<Arm> arms;
  for (const Target& target : targets) arms.emplace_back(target);
  for (int i = 0; i < rounds; ++i) {
    for (Arm& arm : arms) arm.round(count);
  }
  std::vector<double> medians;
  for (const Arm& arm : arms) medians.push_back(median(arm.figures));
  return medians;
}

// A row for each target; with Node, as the last one, what the others save. False: too little.
bool print(const char* what, const char* unit, const std::vector<Target>& targets,
           const std::vector<double>& figures, bool with_node, double least) {
  bool enough = true;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    std::printf("%-30s %-32s %9.2f %s", what, targets[i].name, figures[i], unit);
    if (with_node && i + 1 < targets.size()) {
      const double ratio = figures.back() / figures[i];
      std::printf("   %6.1f times less (at least %.0f)", ratio, least);
      enough = enough && ratio >= least;
    }
    std::printf("\n");
  }
  std::fflush(stdout);
  return enough;
}

}  // namespace
}  // namespace duplex::bench

int main(int argc, char** argv) {
  using namespace duplex::bench;
  const bool quick = is_quick(argc, argv);
  print_heading("Socket.IO over WebSocket, 64 B: server CPU and memory, beside npm socket.io 4");
  raise_descriptor_limit();
  const Child own(serve_duplex_socketio);
  const Child shared(serve_duplex_socketio_of_namespace);
  const NodeProcess node("tests/bench/socketio_server.js");
  pin_to_core(1);
  std::vector<Target> targets = {{"duplex", own.id(), own.port()}};
  const bool with_node = node.port() != 0;
  if (with_node) targets.push_back({"npm socket.io 4, ws", node.id(), node.port()});
  if (!with_node) std::puts("without Node: npm install socket.io@4, and NODE_PATH");
  const int rounds = quick ? 3 : 7;
  bool enough = print("acknowledged echo, 1000 clients", "us", targets,
                      take_turns<EchoArm>(targets, rounds, quick ? 5'000 : 40'000), with_node,
                      least_cpu_ratio);
  enough = print("delivery of a broadcast to 1000", "us", targets,
                 take_turns<BroadcastArm>(targets, rounds, quick ? 50 : 300), with_node,
                 least_cpu_ratio) &&
           enough;
  targets.front().name = "duplex, 10 handlers each";
  targets.insert(targets.begin() + 1, {"duplex, 10 of the namespace", shared.id(), shared.port()});
  std::vector<double> memory;
  for (const Target& target : targets) memory.push_back(idle_memory(target, quick ? 2'000 : 5'000));
  enough =
      print("idle connection, RSS", "B ", targets, memory, with_node, least_memory_ratio) && enough;
  return enough || quick ? EXIT_SUCCESS : EXIT_FAILURE;
}
