// A server of RESP in a simulated world, which answers what its commands' owner says. Listens on
// 127.0.0.1:6379, and serves any number of connections in their order of coming.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "duplex/codec/resp.h"
#include "simulation/kernel.h"
#include "simulation/world.h"

namespace duplex::support {

// The words of a command.
using RespWords = std::vector<std::string>;

// A connection; `queue` is what it has not been sent yet.
struct RespPeer {
  int fd = -1;
  codec::RespReader reader = codec::RespReader();
  std::string queue = {};
};

// Peer: a RespPeer with what its owner keeps of each. Owner: one test.
template <class Peer>
class RespServer {
 public:
  RespServer(const RespServer&) = delete;
  RespServer& operator=(const RespServer&) = delete;

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
    kernel_.listen(listener_, 64);
  }

  // Answers leave in pieces of that size, one each time that it serves.
  void set_cut(std::size_t cut) { cut_ = cut; }
  // Nothing is read any more: commands stay where they are.
  void set_deaf(bool deaf) { deaf_ = deaf; }

  std::size_t connections() const noexcept { return peers_.size(); }
  std::size_t accepted() const noexcept { return accepted_; }

 protected:
  explicit RespServer(simulation::World& world) : kernel_(world, {.name = "redis"}) { listen(); }
  virtual ~RespServer() { stop(); }

  // False: the connection is lost, with what it has not been sent.
  virtual bool on_command(Peer& peer, const RespWords& words) = 0;
  const std::vector<std::unique_ptr<Peer>>& peers() const noexcept { return peers_; }

 private:
  void accept() {
    for (int fd = 0; (fd = kernel_.accept(listener_, nullptr)) >= 0; ++accepted_) {
      peers_.push_back(std::make_unique<Peer>());
      peers_.back()->fd = fd;
    }
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
        RespWords words;
        for (const codec::RespValue& each : (*command)->items) words.push_back(each.text);
        if (!on_command(peer, words)) return false;
      }
    }
  }

  simulation::Kernel kernel_;
  int listener_ = -1;
  std::vector<std::unique_ptr<Peer>> peers_ = {};
  std::size_t cut_ = std::string::npos;
  std::size_t accepted_ = 0;
  bool deaf_ = false;
};

}  // namespace duplex::support
