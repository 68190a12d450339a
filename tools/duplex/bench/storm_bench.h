// Takes a server away from its clients, and looks how they come back.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "duplex/duplex.h"
#include "storm.h"

namespace duplex::tools {

// Owner and thread: those of the loop.
class StormBench {
 public:
  // A server of Socket.IO's feed, at that address whenever it is there.
  struct Target {
    std::string http;  // "127.0.0.1:4711"
    std::function<void()> kill;
    std::function<void()> restart;  // it listens when this returns
  };

  StormBench(EventLoop& loop, StormOptions options, Target target);

  // Nothing when `stopped` has become true meanwhile. Throws BenchFailure.
  std::optional<Storm> measure(const std::function<bool()>& stopped, std::uint64_t seed);

 private:
  void connect_one();
  void wait_for_loss(const std::function<bool()>& stopped);
  void wait_for_all(const char* when, std::chrono::nanoseconds limit,
                    const std::function<bool()>& stopped);
  std::chrono::nanoseconds since_lost() const;

  EventLoop& loop_;
  StormOptions options_;
  Target target_;
  net::Clock::time_point lost_ = {};
  StormRecord record_ = {};
  std::size_t connected_ = 0;
  std::vector<std::unique_ptr<socketio::Client>> clients_ = {};
};

}  // namespace duplex::tools
