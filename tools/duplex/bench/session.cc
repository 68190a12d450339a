// A bench from the first process it starts to the last block.
#include "session.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <csignal>
#include <utility>

#include "../address_text.h"
#include "../spinning_kernel.h"
#include "../units.h"
#include "../wire/wire.h"
#include "descriptors.h"
#include "hiccup_meter.h"
#include "idle_bench.h"
#include "ladder_bench.h"
#include "progress.h"
#include "storm_bench.h"

namespace duplex::tools {
namespace {

// The shortest text that reads back as the same number.
std::string spell_rate(double rate) {
  std::array<char, 64> text = {};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), rate, std::chars_format::fixed).ptr;
  return std::string(text.data(), end) + "/s";
}

double seconds_since_1970() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

bool has_transport(const std::vector<ArmSpec>& arms, measure::Transport transport) {
  return std::any_of(arms.begin(), arms.end(),
                     [transport](const ArmSpec& arm) { return arm.transport == transport; });
}

// A port that is free now, below those that the system gives to clients.
std::uint16_t port_below_ephemeral() {
  EventLoop loop;
  for (std::uint16_t port = 20'000; port < 32'768; ++port) {
    try {
      const Server probe(loop, {.port = port});
      return port;
    } catch (const std::system_error&) {
      continue;
    }
  }
  throw BenchFailure("--storm: no port between 20000 and 32767 is free");
}

Placement placement_for(std::string_view place) {
  return place == "free" ? Placement() : make_placement(place, allowed_processors());
}

}  // namespace

std::vector<std::string> server_words(const BenchOptions& options,
                                      const std::vector<ArmSpec>& arms) {
  std::vector<std::string> words = {"--rate",     spell_rate(options.rate),
                                    "--dist",     options.poisson ? "poisson" : "periodic",
                                    "--size",     std::to_string(options.event_size),
                                    "--content",  options.content,
                                    "--coalesce", spell_duration(options.coalesce),
                                    "--seed",     std::to_string(options.seed)};
  if (options.spins()) words.insert(words.end(), {"--wait", "spin"});
  if (!options.chaos.empty()) words.insert(words.end(), {"--chaos", options.chaos});
  if (has_transport(arms, measure::Transport::websocket_deflate)) words.emplace_back("--deflate");
  if (has_socketio(arms)) words.emplace_back("--socketio");
  if (has_transport(arms, measure::Transport::tcp)) {
    words.insert(words.end(), {"--tcp-port", "0"});
  }
  return words;
}

BenchSession::BenchSession(const BenchOptions& options, const std::vector<ArmSpec>& arms,
                           const wire::Wire* link)
    : options_(options),
      arms_(arms),
      link_(link),
      placement_(placement_for(options.place)),
      kernel_(make_kernel<MeteredKernel>(options.spins())) {
  // Before any thread begins: each inherits what is blocked, and a signal goes to one that lets it.
  loop_.on_signal(std::array{SIGINT, SIGTERM}, [this](int) {
    if (wishes_.hear(loop_.now()) && on_wish_) on_wish_();
  });
  if (options_.server.empty()) {
    start_server();
  } else {
    endpoints_ = {.direct = options_.server, .http = options_.server};
  }
  if (options_.delay.count() > 0 && link == nullptr) start_relay();
  std::vector<std::string> servers = {endpoints_.http};
  if (!endpoints_.tcp.empty()) servers.push_back(endpoints_.tcp);
  tap_.emplace(options_.wire_bytes, *kernel_, servers);
}

// On the other side of the link, if there is one.
std::unique_ptr<ChildServer> BenchSession::spawn_server(std::vector<std::string> words) const {
  if (link_ != nullptr) {
    words.insert(words.end(), {"--host", wire::server_address});
    link_->enter_server();  // where the process that is started stays
  }
  const OnProcessors there(placement_.server);  // the process that is started stays there, too
  auto server = std::make_unique<ChildServer>(words);
  if (link_ != nullptr) link_->enter_client();
  return server;
}

void BenchSession::start_server() {
  server_ = spawn_server(server_words(options_, arms_));
  endpoints_ = {.direct = server_->http_address(),
                .http = server_->http_address(),
                .tcp = server_->tcp_address()};
}

void BenchSession::start_relay() {
  relay_.emplace(options_.delay);
  net::Kernel& kernel = loop_.kernel();
  endpoints_.http = relay_->forward(resolve_address(kernel, endpoints_.direct)).text();
  if (!endpoints_.tcp.empty()) {
    endpoints_.tcp = relay_->forward(resolve_address(kernel, endpoints_.tcp)).text();
  }
  relay_->start();
}

// Of all that is asked for, before anything is measured.
void BenchSession::demand_all_descriptors() const {
  demand_descriptors("--clients: " + std::to_string(options_.clients) +
                         " of an arm, those of the next" + (relay_ ? " and the relay" : ""),
                     sockets_for(options_));
  demand_descriptors("--idle: " + std::to_string(options_.idle_connections) + " connections",
                     options_.idle_connections);
  demand_descriptors("--storm: " + std::to_string(options_.storm.clients) + " clients",
                     options_.storm.clients);
}

BenchRun BenchSession::run(bool show_progress) {
  demand_all_descriptors();
  measure::Random random(options_.seed);
  const std::vector<PlannedBlock> planned = plan_blocks(options_, arms_, random);
  HiccupMeter meter(
      [this] { return (relay_ ? relay_->cpu_seconds() : 0.0) + tap_->cpu_seconds(); });
  // The clients, and each thread of theirs. The meter's and those of relay and capture are there
  // already: they run wherever there is room.
  const OnProcessors here(placement_.clients);
  BenchRunner runner(loop_, options_, arms_, endpoints_,
                     {.machine = &meter, .wire = &tap_->watch(), .farewell = kernel_.get()});
  Progress progress(planned, overhead(), show_progress);
  on_wish_ = [&] { wishes_.count() > 1 ? runner.abort() : progress.finish_with_this(); };
  runner.on_tick([&progress] { progress.tick(); });
  BenchRun run = {.options = options_, .arms = arms_, .started = seconds_since_1970()};
  progress.start_block(0, "warm-up");
  run.warm_up = runner.warm_up([this] { return interrupted(); });
  const auto keep = [&run](std::optional<Block> block) {
    if (block) run.blocks.push_back(*std::move(block));
  };
  for (std::size_t i = 0; i < planned.size() && !interrupted(); ++i) {
    progress.start_block(i, "round " + std::to_string(planned[i].round + 1) + "/" +
                                std::to_string(options_.rounds) + " · " +
                                label_of(arms_[planned[i].arm]));
    keep(runner.run(planned[i]));
  }
  keep(runner.finish());
  run.clock = runner.look_at_clock();
  try {
    measure_more(run);
  } catch (const BenchFailure& failure) {
    problem_ = failure.what();  // what was measured before is as good as ever
  }
  on_wish_ = nullptr;
  run.wire_source = tap_->source();
  return run;
}

void BenchSession::measure_more(BenchRun& run) {
  if (options_.decompose && !interrupted()) {
    run.ladder =
        measure_ladder({.event_size = options_.event_size, .server_processors = placement_.server});
  }
  if (options_.idle_connections > 0 && !interrupted()) run.idle = measure_idle();
  if (options_.storm.clients > 0 && !interrupted()) {
    if (auto storm = measure_storm()) run.storms.push_back(*std::move(storm));
  }
}

// The control would be WebSocket again, and the echoes' events are their clients' own.
std::vector<IdleCost> BenchSession::measure_idle() {
  IdleBench bench(loop_, *kernel_, options_, [this](std::vector<std::string> words) {
    return spawn_server(std::move(words));
  });
  std::vector<IdleCost> costs;
  for (const ArmSpec& arm : arms_) {
    if (arm.control || measure::is_echo(arm.transport)) continue;
    auto cost = bench.measure(arm, [this] { return interrupted(); });
    if (!cost) break;
    costs.push_back(*std::move(cost));
  }
  return costs;
}

// Its port is none that a client may be given: one that connects to its own port, while nobody
// listens there, would connect to itself.
std::optional<Storm> BenchSession::measure_storm() {
  const std::vector<std::string> words = {"--socketio", "--rate", "0.001/s", "--port",
                                          std::to_string(port_below_ephemeral())};
  std::unique_ptr<ChildServer> server = spawn_server(words);
  StormBench bench(loop_, options_.storm,
                   {.http = server->http_address(),
                    .kill = [&server] { server->kill(); },
                    .restart = [&] { server = spawn_server(words); }});
  return bench.measure([this] { return interrupted(); }, options_.seed);
}

// What a block takes beside its length: connecting, and settling.
std::chrono::nanoseconds BenchSession::overhead() const {
  return 3 * options_.round_trip() + std::chrono::milliseconds(80) + options_.poll_interval / 3;
}

}  // namespace duplex::tools
