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
constexpr int connection_count = 1000;
// What Node needs of it, at least: of CPU where many requests are under way, since with a single
// one most of it is the kernel's, which is the same for both.
constexpr double least_cpu_ratio = 10;
constexpr double least_memory_ratio = 8;
constexpr double allowed_memory = 2200;  // bytes of each idle connection, with Node or without
constexpr const char* node_script = "tests/bench/socketio_server.js";

struct Target {
  const char* name;
  pid_t id = -1;
  std::uint16_t port = 0;
  bool is_raw = false;  // speaks nothing: bytes come back as they are
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
  EchoArm(const Target& target, int outstanding)
      : target_(target), load_(options(target, outstanding)) {
    load_.run(20'000);
  }
  void round(std::size_t count) {
    const double before = cpu_seconds_of(target_.id);
    load_.run(count);
    figures.push_back(microseconds_since(target_, before, count));
  }

  std::vector<double> figures = {};  // microseconds of server CPU per acknowledgement

 private:
  static LoadOptions options(const Target& target, int outstanding) {
    const std::string text = ascii_text(payload_size);
    const std::string frame = masked_frame(true, event("421", "echo", text));
    const std::size_t answer = unmasked_size(text.size() + std::string_view(R"(431[""])").size());
    return {.port = target.port,
            .websocket = false,
            .socketio = !target.is_raw,
            .connections = connection_count,
            .outstanding = outstanding,
            .message = frame,
            .reply_size = target.is_raw ? frame.size() : answer};
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
  BroadcastArm(const Target& target, int outstanding)
      : target_(target),
        outstanding_(static_cast<std::size_t>(outstanding)),
        audience_(target.port, connection_count) {
    spread(50);
  }
  void round(std::size_t count) {
    const double before = cpu_seconds_of(target_.id);
    spread(count);
    figures.push_back(microseconds_since(target_, before, count * audience_.size()));
  }

  std::vector<double> figures = {};  // microseconds of server CPU per delivery

 private:
  // So many at once, and the next ones when everybody has heard them all.
  void spread(std::size_t count) {
    const std::string text = ascii_text(payload_size);
    const std::string frame = masked_frame(true, event("42", "spread", text));
    const std::size_t heard = unmasked_size(event("42", "spread", text).size());
    std::string frames;
    for (std::size_t i = 0; i < outstanding_; ++i) frames += frame;
    for (std::size_t i = 0; i < count; i += outstanding_) {
      audience_.say(frames);
      audience_.hear(heard * outstanding_ * audience_.size());
    }
  }

  Target target_;
  std::size_t outstanding_;
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

// The medians of each target, whose rounds take turns.
template <class Arm>
std::vector<double> take_turns(const std::vector<Target>& targets, int outstanding, int rounds,
                               std::size_t count) {
  std::deque<Arm> arms;
  for (const Target& target : targets) arms.emplace_back(target, outstanding);
  for (int i = 0; i < rounds; ++i) {
    for (Arm& arm : arms) arm.round(count);
  }
  std::vector<double> medians;
  for (const Arm& arm : arms) medians.push_back(median(arm.figures));
  return medians;
}

struct Row {
  const char* what;
  const char* unit;
  double least_ratio = 0;  // 0: nothing is demanded
};

// A line for each target; Node is the last one, if it is there, and the others are held against it.
// False: the one before Node is not as much better as is demanded.
bool print(const Row& row, const std::vector<Target>& targets, const std::vector<double>& figures,
           bool with_node) {
  double ratio = 0;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    std::printf("%-38s %-28s %9.2f %s", row.what, targets[i].name, figures[i], row.unit);
    if (with_node && i + 1 < targets.size()) {
      ratio = figures.back() / figures[i];
      std::printf("  %5.1f times less than Node", ratio);
    }
    std::printf("\n");
  }
  const bool good = !with_node || ratio >= row.least_ratio;
  if (!good) std::printf("%-38s at least %.0f times less is demanded\n", "", row.least_ratio);
  std::fflush(stdout);
  return good;
}

// In a process of its own: whoever has had clients before has memory to give out again.
std::vector<double> idle_memories(std::size_t count, bool with_node) {
  std::vector<double> figures;
  for (const auto serve : {serve_duplex_socketio, serve_duplex_socketio_of_namespace}) {
    const Child server(serve);
    figures.push_back(idle_memory({"", server.id(), server.port()}, count));
  }
  if (with_node) {
    const NodeProcess node(node_script);
    figures.push_back(idle_memory({"", node.id(), node.port()}, count));
  }
  return figures;
}

// These two are false where more is taken than is allowed.
bool measure_cpu(bool quick, const NodeProcess& node) {
  const Child duplex(serve_duplex_socketio);
  const Child raw(serve_raw_echo);
  const bool with_node = node.port() != 0;
  std::vector<Target> servers = {{"duplex", duplex.id(), duplex.port()}};
  if (with_node) servers.push_back({"npm socket.io 4, ws", node.id(), node.port()});
  std::vector<Target> echoes = servers;
  echoes.insert(echoes.begin(), {"raw TCP, the same bytes", raw.id(), raw.port(), true});
  const int rounds = quick ? 3 : 7;
  print({"acknowledged echo, 1000 clients", "us"}, echoes,
        take_turns<EchoArm>(echoes, 1, rounds, quick ? 5'000 : 40'000), with_node);
  const bool echoed =
      print({"the same, 16 under way on each", "us", least_cpu_ratio}, echoes,
            take_turns<EchoArm>(echoes, 16, rounds, quick ? 20'000 : 80'000), with_node);
  print({"delivery of a broadcast to 1000", "us"}, servers,
        take_turns<BroadcastArm>(servers, 1, rounds, quick ? 50 : 300), with_node);
  const bool heard =
      print({"the same, 16 broadcasts under way", "us", least_cpu_ratio}, servers,
            take_turns<BroadcastArm>(servers, 16, rounds, quick ? 48 : 320), with_node);
  return echoed && heard;
}

bool measure_memory(bool quick, bool with_node) {
  std::vector<Target> targets = {{"duplex, 10 handlers each"}, {"duplex, 10 of the namespace"}};
  if (with_node) targets.push_back({"npm socket.io 4, 10 each"});
  const std::vector<double> memory = idle_memories(quick ? 2'000 : 5'000, with_node);
  const bool good =
      print({"idle connection, RSS", "B ", least_memory_ratio}, targets, memory, with_node);
  return good && memory[1] <= allowed_memory;
}

}  // namespace
}  // namespace duplex::bench

int main(int argc, char** argv) {
  using namespace duplex::bench;
  const bool quick = is_quick(argc, argv);
  print_heading("Socket.IO over WebSocket, 64 B: server CPU and memory, beside npm socket.io 4");
  raise_descriptor_limit();
  bool with_node = false;
  bool good = true;
  {
    const NodeProcess node(node_script);
    with_node = node.port() != 0;
    if (!with_node) std::puts("without Node: npm install socket.io@4, and NODE_PATH");
    pin_to_core(1);
    good = measure_cpu(quick, node);
  }
  good = measure_memory(quick, with_node) && good;
  return good || quick ? EXIT_SUCCESS : EXIT_FAILURE;
}
