// Follows the frames of a WebSocket feed over loopback by the kernel's own stamps.
#include "ladder_bench.h"

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "../feed_event.h"
#include "../serve/serve_loop.h"
#include "arm.h"
#include "runner.h"
#include "stamping_kernels.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

// A server on a thread, for as long as the object lives.
class ThreadServer {
 public:
  explicit ThreadServer(const LadderOptions& options) : loop_(kernel_) {
    ServeOptions serve = {.port = 0};
    serve.feed = {.rate = options.rate,
                  .poisson = false,
                  .event_size = options.event_size,
                  .start = net::Clock::now()};
    serve_.push_back(std::make_unique<ServeLoop>(loop_, serve, serve_));
    const OnProcessors there(options.server_processors);
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~ThreadServer() { stop(); }
  ThreadServer(const ThreadServer&) = delete;
  ThreadServer& operator=(const ThreadServer&) = delete;

  std::string address() const { return serve_.front()->server().address().text(); }
  // What it has sent.
  const SentPieces& stop() {
    if (thread_.joinable()) {
      loop_.stop();
      thread_.join();
    }
    return kernel_.pieces();
  }

 private:
  SendStampingKernel kernel_;
  EventLoop loop_;
  ServeLoops serve_;
  std::thread thread_;
};

}  // namespace

Ladder measure_ladder(const LadderOptions& options) {
  ThreadServer server(options);
  ReceiveStampingKernel kernel;
  EventLoop loop(kernel);
  std::size_t seen = 0;
  std::string failure;
  const ArmSettings settings = {
      .http = server.address(), .tcp = {}, .client_count = 1, .event_size = options.event_size};
  {
    const auto client =
        make_arm(measure::Transport::websocket, loop, settings,
                 {.deliver = [&seen](std::size_t, std::string_view lines,
                                     auto) { for_each_line(lines, [&](auto) { ++seen; }); },
                  .fail = [&failure](const std::string& why) { failure = why; }},
                 measure::Random(1));
    const std::chrono::duration<double> due(static_cast<double>(options.frames) / options.rate);
    const auto limit = net::Clock::now() + 2 * due + 5s;
    while (seen < options.frames && failure.empty() && net::Clock::now() < limit) loop.turn(100ms);
    if (!failure.empty()) throw BenchFailure("--decompose: " + failure);
  }
  return make_ladder(server.stop(), kernel.pieces());
}

}  // namespace duplex::tools
