// A Redis of a simulated world that answers as a test says. Listens on 127.0.0.1:6379.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "../support/resp.h"
#include "../support/resp_server.h"
#include "duplex/net/event_loop.h"
#include "simulation/kernel.h"
#include "simulation/runner.h"
#include "simulation/world.h"

namespace duplex::redis {

using Words = support::RespWords;

class ScriptedRedis final : public support::RespServer<support::RespPeer> {
 public:
  // The bytes to answer with.
  using Answer = std::function<std::string(const Words& command)>;

  explicit ScriptedRedis(simulation::World& world) : RespServer(world) {}

  void set_answer(Answer answer) { answer_ = std::move(answer); }

  // Bytes that nobody asked for, to all.
  void push(const std::string& bytes) {
    for (const auto& each : peers()) each->queue += bytes;
  }

  // All commands so far, with spaces between the words: "PING", "GET key".
  const std::vector<std::string>& commands() const noexcept { return commands_; }
  void forget_commands() { commands_.clear(); }

 private:
  bool on_command(support::RespPeer& peer, const Words& words) override {
    std::string line;
    for (const std::string& each : words) line += (line.empty() ? "" : " ") + each;
    commands_.push_back(line);
    peer.queue += answer_ ? answer_(words) : "+PONG\r\n";
    return true;
  }

  std::vector<std::string> commands_;
  Answer answer_;
};

// As Redis would answer, as far as the tests go; other commands by their words: "GET key" by
// "$7...".
inline std::string usual_answer(const Words& command) {
  const std::string& name = command.front();
  if (name == "PING") return "+PONG\r\n";
  if (name == "AUTH" || name == "SELECT" || name == "SET" || name == "MULTI") return "+OK\r\n";
  if (name.ends_with("SUBSCRIBE")) {
    std::string word;
    for (const char c : name) word += static_cast<char>(c | 0x20);
    return support::resp_array(
        {support::resp_bulk(word), support::resp_bulk(command[1]), ":1\r\n"});
  }
  std::string line;
  for (const std::string& each : command) line += (line.empty() ? "" : " ") + each;
  return support::resp_bulk(line);
}

// A process with clients of Redis beside one, in virtual time.
class RedisWorld {
 public:
  explicit RedisWorld(std::uint64_t seed = 1)
      : world({.seed = seed, .link = {.delay = std::chrono::microseconds(200)}}),
        redis(world),
        kernel(world, {.name = "client"}),
        loop(kernel, {.receive_buffer_size = 64 * 1024}),
        runner(world) {
    redis.set_answer(usual_answer);
    runner.add(loop);
  }
  // What is buried dies in a last turn.
  ~RedisWorld() { runner.settle(); }

  // Redis does something every millisecond.
  void run_for(net::Clock::duration time) {
    const auto end = world.now() + time;
    while (world.now() < end) {
      runner.run_for(std::chrono::milliseconds(1));
      redis.serve();
    }
  }

  simulation::World world;
  ScriptedRedis redis;
  simulation::Kernel kernel;
  net::EventLoop loop;
  simulation::Runner runner;
};

}  // namespace duplex::redis
