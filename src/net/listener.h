// A listening socket, TCP or Unix-domain, that accepts without ever spinning.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "net/descriptor.h"
#include "net/reactor.h"

namespace duplex::net {

class ListenerOwner {
 public:
  // A new connection; the owner of `fd` is now the called one. Throwing means that it was not
  // taken: the listener closes it. May close the listener, not destroy it.
  virtual void on_accept(int fd, const Address& peer) = 0;

 protected:
  ~ListenerOwner() = default;
};

struct ListenerOptions {
  std::string host = "127.0.0.1";  // a literal; "::" listens for IPv4 as well
  std::uint16_t port = 0;          // 0: the kernel picks one
  std::string unix_path = {};      // instead of host and port; '@' for the abstract namespace
  bool reuse_port = false;
  int backlog = 4096;
  int max_accepts_per_turn = 64;
  // Linux hands these on to accepted sockets, which saves the calls for each.
  bool no_delay = true;
  std::chrono::milliseconds user_timeout = std::chrono::milliseconds(0);  // 0: the system's
  KeepAlive keep_alive = {.idle = std::chrono::seconds(0)};
};

struct ListenerStats {
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;  // accepted and closed at once, because descriptors had run out
  std::uint64_t transient_errors = 0;  // connections that died before they were accepted
  std::uint64_t pauses = 0;
};

// Owner: a server. Thread: the loop's.
class Listener final : private ReadyHandler, private Timer {
 public:
  // Throws std::system_error with the address in its text.
  Listener(Reactor& reactor, ListenerOwner& owner, const ListenerOptions& options);
  ~Listener() override;

  // Stops for good: connections that wait for accept() are reset by the kernel.
  void close() noexcept;
  // Ends a pause early, because a descriptor or memory may have become free.
  void resume() noexcept;

  bool paused() const noexcept { return Timer::armed(); }
  std::uint16_t port() const noexcept { return address_.port(); }
  const Address& address() const noexcept { return address_; }
  const ListenerStats& stats() const noexcept { return stats_; }

 private:
  void on_ready(std::uint32_t events) override;
  void on_timer() override;

  void open_tcp(const ListenerOptions& options);
  void watch_over_peers(const ListenerOptions& options);
  void open_unix(const ListenerOptions& options);
  void bind_unix();
  bool is_stale_socket_file() const;
  void start(int backlog);
  [[noreturn]] void fail(int result) const;
  void check(int result) const;

  enum class Outcome : std::uint8_t { accepted, skipped, nothing_left, exhausted };
  Outcome accept_one();
  Outcome refuse_one();
  void hand_over(int fd, const Address& peer);
  void pause() noexcept;

  Reactor& reactor_;
  ListenerOwner& owner_;
  Descriptor socket_;
  Descriptor reserve_;  // given up to get rid of a connection when there are no descriptors left
  WatchId id_ = WatchId::none;
  int max_accepts_per_turn_;
  bool owns_path_ = false;
  Address address_;
  ListenerStats stats_;
};

}  // namespace duplex::net
