// Takes a server away from its clients; see storm_bench.h.
#include "storm_bench.h"

#include <utility>

#include "descriptors.h"
#include "turn_until.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

constexpr auto connect_limit = 30s;

}  // namespace

StormBench::StormBench(EventLoop& loop, StormOptions options, Target target)
    : loop_(loop), options_(std::move(options)), target_(std::move(target)) {
  demand_descriptors("--storm: " + std::to_string(options_.clients) + " clients", options_.clients);
}

std::chrono::nanoseconds StormBench::since_lost() const { return loop_.kernel().now() - lost_; }

// Over WebSocket alone: each attempt is one connection.
void StormBench::connect_one() {
  socketio::ClientOptions options;
  options.path = "/feed/socket.io/";
  options.engine.transports = {engineio::Transport::websocket};
  options.backoff = backoff_of(options_);
  auto& client = *clients_.emplace_back(
      std::make_unique<socketio::Client>(loop_, "http://" + target_.http, options));
  client.on_reconnect_attempt([this](std::size_t) { record_.attempts.push_back(since_lost()); });
  client.of("/")
      .on_connect([this](socketio::ClientSocket&) {
        ++connected_;
        record_.returns.push_back(since_lost());
      })
      .on_disconnect([this](auto&, const socketio::ClientDisconnect&) { --connected_; });
}

void StormBench::wait_for_all(const char* when, std::chrono::nanoseconds limit,
                              const std::function<bool()>& stopped) {
  const auto done = [&] { return connected_ == options_.clients || stopped(); };
  if (turn_until(loop_, done, limit)) return;
  throw BenchFailure("--storm: " + std::to_string(connected_) + " of " +
                     std::to_string(options_.clients) + " clients were there " + when);
}

// However short the outage: who has not noticed it would count as back.
void StormBench::wait_for_loss(const std::function<bool()>& stopped) {
  const auto done = [&] { return connected_ == 0 || stopped(); };
  if (turn_until(loop_, done, connect_limit)) return;
  throw BenchFailure("--storm: " + std::to_string(connected_) + " of " +
                     std::to_string(options_.clients) + " clients did not lose their server");
}

std::optional<Storm> StormBench::measure(const std::function<bool()>& stopped, std::uint64_t seed) {
  while (clients_.size() < options_.clients) connect_one();
  wait_for_all("before the storm", connect_limit, stopped);
  record_ = {};
  lost_ = loop_.kernel().now();
  target_.kill();
  turn_until(loop_, stopped, options_.outage);
  wait_for_loss(stopped);
  target_.restart();
  const auto returned = since_lost();
  const auto longest = backoff_of(options_).max_delay;
  wait_for_all("after it", longest + connect_limit, stopped);
  if (stopped()) return std::nullopt;
  const StormRecord drawn = draw_storm(options_, returned, measure::Random(seed));
  return Storm{.clients = options_.clients,
               .outage = std::chrono::duration<double>(returned).count(),
               .jitter = options_.jitter,
               .measured = figures_of(std::move(record_), options_.clients, returned),
               .predicted = figures_of(drawn, options_.clients, returned)};
}

}  // namespace duplex::tools
