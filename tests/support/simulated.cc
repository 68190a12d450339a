#include "simulated.h"

#include <array>
#include <cerrno>
#include <stdexcept>

namespace duplex::support {

SecondServer::SecondServer(SimulatedServer& world, std::uint16_t port)
    : world_(world), loop(world.server_side.kernel, {.receive_buffer_size = 64 * 1024}) {
  ServerOptions options;
  options.port = port;
  restart(std::move(options));
  world_.runner.add(loop);
}

// What is buried dies in a last turn; the runner forgets loops by their kernel.
SecondServer::~SecondServer() {
  server.reset();
  world_.runner.settle();
  world_.runner.remove(world_.server_side.kernel);
  world_.runner.add(world_.server_side.loop);
}

RawPeer::RawPeer(SimulatedServer& world, std::uint16_t port)
    : world_(world), kernel_(world.world, {.name = "raw peer"}) {
  fd_ = kernel_.socket(net::AddressFamily::ipv4);
  const int result = kernel_.connect(fd_, *net::Address::parse("127.0.0.1", port));
  if (result != -EINPROGRESS && result != 0) throw std::runtime_error("cannot connect");
  run_for(std::chrono::milliseconds(5));
}

RawPeer::~RawPeer() {
  if (fd_ >= 0) kernel_.close(fd_);
}

void RawPeer::send(std::string_view bytes, std::size_t cut) {
  while (!bytes.empty() && !ended_) {
    const std::string_view piece = cut == 0 ? bytes : bytes.substr(0, cut);
    const std::array<Bytes, 1> pieces = {as_bytes(piece)};
    const auto sent = kernel_.writev(fd_, pieces);
    if (sent < 0 && sent != -EAGAIN) return;
    if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
    if (cut != 0 || sent < 0) run_for(std::chrono::milliseconds(5));
  }
}

std::size_t RawPeer::offer(std::string_view bytes) {
  const Bytes piece = as_bytes(bytes);
  const auto sent = kernel_.writev(fd_, {&piece, 1});
  return sent > 0 ? static_cast<std::size_t>(sent) : 0;
}

void RawPeer::end() { kernel_.shutdown_write(fd_); }

void RawPeer::reset() {
  kernel_.set_option(fd_, net::SocketOption::linger_reset, 1);
  kernel_.close(fd_);
  fd_ = -1;
}

void RawPeer::vanish() {
  kernel_.vanish(fd_);
  fd_ = -1;
}

void RawPeer::run_for(net::Clock::duration time) {
  world_.runner.run_for(time);
  if (fd_ >= 0) gather();
}

void RawPeer::read_for(net::Clock::duration time) {
  const auto end = world_.world.now() + time;
  while (world_.world.now() < end) run_for(std::chrono::milliseconds(5));
}

void RawPeer::gather() {
  std::array<std::byte, 4096> buffer;
  for (;;) {
    const auto count = kernel_.recv(fd_, buffer);
    if (count == -EAGAIN) return;
    if (count <= 0) {
      ended_ = true;
      reset_ = reset_ || count < 0;
      return;
    }
    received_ += as_text(Bytes(buffer).first(static_cast<std::size_t>(count)));
  }
}

}  // namespace duplex::support
