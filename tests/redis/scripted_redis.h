// A Redis of a simulated world that answers as a test says. Listens on 127.0.0.1:6379.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../support/resp.h"
#include "duplex/codec/resp.h"
#include "duplex/net/event_loop.h"
#include "simulation/kernel.h"
#include "simulation/runner.h"
#include "simulation/world.h"

namespace duplex::redis {

// The words of a command.
using Words = std::vector<std::string>;

// Owner: one test. Serves any number of connections, in their order of coming.
class ScriptedRedis {
 public:
  // The bytes to answer with.
  using Answer = std::function<std::string(const Words& command)>;

  explicit ScriptedRedis(simulation::World& world) : kernel_(world, {.name = "redis"}) { listen(); }
  ~ScriptedRedis() { stop(); }
  ScriptedRedis(const ScriptedRedis&) = delete;
  ScriptedRedis& operator=(const ScriptedRedis&) = delete;

  void set_answer(Answer answer) { answer_ = std::move(answer); }
  // Answers leave in pieces of that size, one each millisecond.
  void set_cut(std::size_t cut) { cut_ = cut; }
  // Nothing is read any more: commands stay where they are.
  void set_deaf(bool deaf) { deaf_ = deaf; }

  // Bytes that nobody asked for, to all.
  void push(const std::string& bytes) {
    for (auto& each : peers_) each->queue += bytes;
  }
  // Closes what is open, with what it has not sent.
  void drop() {
    for (auto& each : peers_) kernel_.close(each->fd);
    peers_.clear();
  }
  void stop() {
    drop();
    if (listener_ >= 0) kernel_.close(std::exchange(listener_, -1));
  }
  void listen() {
    listener_ = kernel_.socket(net::AddressFamily::ipv4);
    kernel_.set_option(listener_, net::SocketOption::reuse_address, 1);
    kernel_.bind(listener_, *net::Address::parse("127.0.0.1", 6379));
    kernel_.listen(listener_, 8);
  }

  // Does what can be done now.
  void serve() {
    if (listener_ >= 0) accept();
    for (std::size_t i = 0; i < peers_.size();) {
      if (serve(*peers_[i])) {
        ++i;
      } else {
        kernel_.close(peers_[i]->fd);
        peers_.erase(peers_.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
  }

  // All commands so far, with spaces between the words: "PING", "GET key".
  const std::vector<std::string>& commands() const noexcept { return commands_; }
  void forget_commands() { commands_.clear(); }
  std::size_t connections() const noexcept { return peers_.size(); }
  std::size_t accepted() const noexcept { return accepted_; }

 private:
  struct Peer {
    int fd = -1;
    codec::RespReader reader = codec::RespReader();
    std::string queue = {};
  };

  void accept() {
    const int fd = kernel_.accept(listener_, nullptr);
    if (fd < 0) return;
    ++accepted_;
    peers_.push_back(std::make_unique<Peer>());
    peers_.back()->fd = fd;
  }

  // False when the peer has gone.
  bool serve(Peer& peer) {
    if (!deaf_ && !read(peer)) return false;
    const std::string_view piece = std::string_view(peer.queue).substr(0, cut_);
    if (piece.empty()) return true;
    const Bytes bytes = as_bytes(piece);
    const auto sent = kernel_.writev(peer.fd, {&bytes, 1});
    if (sent > 0) peer.queue.erase(0, static_cast<std::size_t>(sent));
    return sent > 0 || sent == -EAGAIN;
  }

  bool read(Peer& peer) {
    std::array<std::byte, 4096> buffer;
    for (;;) {
      const auto count = kernel_.recv(peer.fd, buffer);
      if (count == -EAGAIN) return true;
      if (count <= 0) return false;
      Bytes input = Bytes(buffer).first(static_cast<std::size_t>(count));
      for (auto command = peer.reader.next(input); command && *command;
           command = peer.reader.next(input)) {
        on_command(peer, **command);
      }
    }
  }

  void on_command(Peer& peer, const codec::RespValue& command) {
    Words words;
    std::string line;
    for (const codec::RespValue& each : command.items) {
      words.push_back(each.text);
      line += (line.empty() ? "" : " ") + each.text;
    }
    commands_.push_back(line);
    peer.queue += answer_ ? answer_(words) : "+PONG\r\n";
  }

  simulation::Kernel kernel_;
  int listener_ = -1;
  std::vector<std::unique_ptr<Peer>> peers_;
  std::vector<std::string> commands_;
  Answer answer_;
  std::size_t cut_ = std::string::npos;
  std::size_t accepted_ = 0;
  bool deaf_ = false;
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
