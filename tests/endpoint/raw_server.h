// A server of bare bytes: what a hostile one is. Listens on 127.0.0.1:90 of a simulated world.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "../support/simulated.h"

namespace duplex {

// Owner: one test; takes one connection at a time.
class RawServer {
 public:
  static constexpr std::uint16_t port = 90;

  explicit RawServer(support::SimulatedServer& world)
      : world_(world), kernel_(world.world, {.name = "raw server"}) {
    listener_ = kernel_.socket(net::AddressFamily::ipv4);
    kernel_.bind(listener_, *net::Address::parse("127.0.0.1", port));
    kernel_.listen(listener_, 8);
  }
  ~RawServer() {
    drop();
    kernel_.close(listener_);
  }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  // The world runs; every millisecond what has arrived is taken.
  void run_for(net::Clock::duration time) {
    const auto end = world_.world.now() + time;
    while (world_.world.now() < end) {
      world_.runner.run_for(std::chrono::milliseconds(1));
      if (fd_ < 0) fd_ = std::max(-1, kernel_.accept(listener_, nullptr));
      if (fd_ >= 0) gather();
    }
  }

  // All of it, as fast as the client takes it, unless the client ends the connection.
  void send(std::string_view bytes) {
    while (!bytes.empty() && !ended_) {
      const Bytes piece = as_bytes(bytes);
      const auto sent = kernel_.writev(fd_, {&piece, 1});
      if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
      if (sent < 0 && sent != -EAGAIN) return;
      if (sent < 0) run_for(std::chrono::milliseconds(1));
    }
  }
  // What the kernel takes now, without letting time pass or reading; says how much that was.
  std::size_t offer(std::string_view bytes) {
    const Bytes piece = as_bytes(bytes);
    const auto sent = kernel_.writev(fd_, {&piece, 1});
    return sent > 0 ? static_cast<std::size_t>(sent) : 0;
  }
  void end() { kernel_.shutdown_write(fd_); }
  // Closes; the next connection may come.
  void drop() {
    if (fd_ >= 0) kernel_.close(fd_);
    fd_ = -1;
    ended_ = false;
  }

  const std::string& received() const noexcept { return received_; }
  bool ended() const noexcept { return ended_; }
  // The value of the first field of that name in what was received.
  std::string field(const std::string& name) const {
    const auto at = received_.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    const auto begin = at + name.size() + 4;
    return received_.substr(begin, received_.find("\r\n", begin) - begin);
  }

 private:
  void gather() {
    std::array<std::byte, 4096> buffer;
    for (;;) {
      const auto count = kernel_.recv(fd_, buffer);
      if (count == -EAGAIN) return;
      if (count <= 0) {
        ended_ = true;
        return;
      }
      received_ += as_text(Bytes(buffer).first(static_cast<std::size_t>(count)));
    }
  }

  support::SimulatedServer& world_;
  simulation::Kernel kernel_;
  int listener_ = -1;
  int fd_ = -1;
  std::string received_;
  bool ended_ = false;
};

}  // namespace duplex
