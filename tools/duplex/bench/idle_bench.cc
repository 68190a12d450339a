// Holds many connections of an arm to a server whose feed is silent.
#include "idle_bench.h"

#include <algorithm>
#include <utility>

#include "../load/process_use.h"
#include "memory_use.h"
#include "turn_until.h"
#include "wire_tap.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

constexpr auto open_limit = 30s;
constexpr auto count_limit = 10s;          // until the capture has read what it has kept
constexpr auto settle_time = 1s;           // until the last answers and acknowledgements have gone
constexpr const char* silent = "0.001/s";  // the slowest there is: the first event is far off

// The server process, as it is at one instant.
struct Look {
  MemoryUse memory = {};
  double cpu_seconds = 0;
  double wake_ups = 0;
};

Look look_at(pid_t server) {
  const auto use = process_use(server);
  return {.memory = memory_use(server),
          .cpu_seconds = use ? use->cpu_seconds : 0,
          .wake_ups = wake_ups_of(server)};
}

}  // namespace

IdleBench::IdleBench(EventLoop& loop, MeteredKernel& kernel, const BenchOptions& options,
                     Start start)
    : loop_(loop), kernel_(kernel), options_(options), start_(std::move(start)) {}

std::unique_ptr<Arm> IdleBench::connect(const ArmSpec& arm, const ChildServer& server) {
  const ArmSettings settings = {.http = server.http_address(),
                                .tcp = server.tcp_address(),
                                .client_count = options_.idle_connections,
                                .heads = options_.heads,
                                .poll_interval = options_.poll_interval,
                                .poll_cycle = options_.poll_interval + options_.round_trip(),
                                .event_size = options_.event_size};
  auto clients = make_arm(arm.transport, loop_, settings,
                          {.deliver = [](std::size_t, std::string_view, auto) {},
                           .fail = [this](const std::string& why) { failure_ = why; }},
                          measure::Random(options_.seed));
  const auto all_there = [&] { return clients->ready_count() == options_.idle_connections; };
  if (!turn_until(loop_, all_there, open_limit + options_.poll_interval, failure_)) {
    throw BenchFailure("--idle: " + std::to_string(clients->ready_count()) + " of " +
                       std::to_string(options_.idle_connections) + " connections of " +
                       label_of(arm) + " were answered");
  }
  return clients;
}

void IdleBench::wait(std::chrono::nanoseconds time) {
  turn_until(
      loop_, [] { return false; }, time, failure_);
}

std::optional<IdleCost> IdleBench::measure(const ArmSpec& arm,
                                           const std::function<bool()>& stopped) {
  std::vector<std::string> words = {"--rate", silent, "--dist", "periodic"};
  const bool with_tcp = arm.transport == measure::Transport::tcp;
  if (with_tcp) words.insert(words.end(), {"--tcp-port", "0"});
  if (arm.transport == measure::Transport::websocket_deflate) words.emplace_back("--deflate");
  if (measure::is_socketio(arm.transport)) words.emplace_back("--socketio");
  const std::unique_ptr<ChildServer> server = start_(std::move(words));
  WireTap tap(options_.wire_bytes, kernel_,
              {with_tcp ? server->tcp_address() : server->http_address()});
  wait(settle_time);  // what was there before has gone
  const Look empty = look_at(server->process());
  const std::unique_ptr<Arm> clients = connect(arm, *server);
  wait(settle_time);
  const Look begin = look_at(server->process());
  tap.watch().begin_block();
  const auto start = kernel_.now();
  turn_until(loop_, stopped, options_.idle_time, failure_);
  if (stopped()) return std::nullopt;
  const Look end = look_at(server->process());
  tap.watch().end_block();
  const double seconds = std::chrono::duration<double>(kernel_.now() - start).count();
  turn_until(
      loop_, [&tap] { return tap.watch().has_counted(); }, count_limit, failure_);
  const auto bytes = tap.watch().block();
  if (!bytes) throw BenchFailure("--idle: the capture lost packets; try --wire-bytes tcp-info");
  const auto connections = static_cast<double>(options_.idle_connections);
  const auto for_each = [connections](double more) { return std::max(more, 0.0) / connections; };
  return IdleCost{.transport = label_of(arm),
                  .connections = options_.idle_connections,
                  .seconds = seconds,
                  .user_memory = for_each(begin.memory.user - empty.memory.user),
                  .kernel_memory = for_each(begin.memory.kernel - empty.memory.kernel),
                  .wake_ups_per_second = (end.wake_ups - begin.wake_ups) / seconds,
                  .cpu_share = (end.cpu_seconds - begin.cpu_seconds) / seconds,
                  .wire_bytes_per_second = bytes->total() / seconds};
}

}  // namespace duplex::tools
