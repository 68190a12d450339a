// A peer of bare bytes whose own calls never fail: what the scenes of R57 to R59 need of one.
#pragma once

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "duplex/net/address.h"
#include "simulation/kernel.h"
#include "simulation/world.h"

namespace duplex::conformance {

// Owner: one scene, whose world outlives it. One connection.
class Stranger {
 public:
  explicit Stranger(simulation::World& world)
      : world_(world), kernel_(world, {.name = "stranger"}) {}

  // Connects; says one piece every five milliseconds.
  void speak(std::uint16_t port, std::vector<std::string> pieces) {
    fd_ = kernel_.socket(net::AddressFamily::ipv4);
    kernel_.connect(fd_, address(port));
    for (std::string& piece : pieces) {
      later([this, piece = std::move(piece)] { write(piece); });
    }
  }
  // Afterwards.
  void end() {
    later([this] { kernel_.shutdown_write(fd_); });
  }
  void reset() {
    later([this] {
      kernel_.set_option(fd_, net::SocketOption::linger_reset, 1);
      kernel_.close(fd_);
      fd_ = -1;
    });
  }
  // Whoever connects there is never answered.
  void listen(std::uint16_t port) {
    const int listener = kernel_.socket(net::AddressFamily::ipv4);
    kernel_.bind(listener, address(port));
    kernel_.listen(listener, 8);
  }

  // Takes what has come.
  void gather() {
    std::array<std::byte, 4096> buffer;
    while (fd_ >= 0 && !ended_) {
      const auto count = kernel_.recv(fd_, buffer);
      if (count == -EAGAIN) return;
      ended_ = count <= 0;
      if (count > 0) heard_ += as_text(Bytes(buffer).first(static_cast<std::size_t>(count)));
    }
  }
  const std::string& heard() const noexcept { return heard_; }
  bool ended() const noexcept { return ended_; }

 private:
  static net::Address address(std::uint16_t port) {
    return *net::Address::parse("127.0.0.1", port);
  }
  void later(std::function<void()> action) {
    world_.after(delay_ += std::chrono::milliseconds(5), std::move(action));
  }
  void write(std::string_view piece) {
    const Bytes bytes = as_bytes(piece);
    kernel_.writev(fd_, {&bytes, 1});
  }

  simulation::World& world_;
  simulation::Kernel kernel_;
  int fd_ = -1;
  std::chrono::milliseconds delay_{0};
  std::string heard_;
  bool ended_ = false;
};

}  // namespace duplex::conformance
