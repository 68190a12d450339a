// The servers that are measured; see servers.h.
#include "servers.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>
#include <vector>

#include "duplex/duplex.h"
#include "duplex/net/linux_kernel.h"
#include "sockets.h"

namespace duplex::bench {
namespace {

constexpr std::size_t buffer_size = std::size_t{256} << 10;

// A level-triggered loop over bare descriptors that counts its system calls.
class RawLoop {
 public:
  explicit RawLoop(Shared& shared) : shared_(shared) {
    std::uint16_t port = 0;
    listener_ = listen_on_loopback(port);
    watch(EPOLL_CTL_ADD, listener_, EPOLLIN);
    shared.port = port;
  }

  template <class F>
  [[noreturn]] void run(F&& on_readable) {
    std::array<epoll_event, 1024> events;
    for (;;) {
      count();
      const int ready = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < ready; ++i) {
        const int fd = events[static_cast<std::size_t>(i)].data.fd;
        if (fd == listener_) {
          accept_all();
        } else {
          on_readable(fd);
        }
      }
    }
  }

  void count() { shared_.syscalls.store(shared_.syscalls.load(std::memory_order_relaxed) + 1); }
  void watch(int operation, int fd, std::uint32_t events) {
    epoll_event event{.events = events, .data = {.fd = fd}};
    count();
    epoll_ctl(epoll_, operation, fd, &event);
  }

 private:
  void accept_all() {
    for (;;) {
      count();
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      const int on = 1;
      count();
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      watch(EPOLL_CTL_ADD, fd, EPOLLIN);
    }
  }

  Shared& shared_;
  int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  int listener_ = -1;
};

}  // namespace

void serve_duplex_echo(Shared& shared) {
  net::LinuxKernel kernel;
  EventLoop loop(kernel);
  // Clients here answer no pings: none are sent, but the deadline runs as everywhere.
  Server server(loop, {.websocket = {.max_message_size = std::size_t{64} << 20,
                                     .ping_interval = std::chrono::hours(1)}});
  server.websocket("/",
                   {.on_message = [](Connection& peer, Message message) { peer.send(message); }});
  shared.port = server.port();
  while (loop.turn(std::chrono::hours(1))) {
    shared.syscalls.store(kernel.counts().total(), std::memory_order_relaxed);
  }
}

void serve_raw_echo(Shared& shared) {
  RawLoop loop(shared);
  std::vector<char> buffer(buffer_size);
  std::vector<std::string> unsent;  // by descriptor: what did not fit
  loop.run([&](int fd) {
    const auto slot = static_cast<std::size_t>(fd);
    if (slot >= unsent.size()) unsent.resize(slot + 1);
    std::string& queue = unsent[slot];
    if (queue.empty()) {
      loop.count();
      const ssize_t size = recv(fd, buffer.data(), buffer.size(), 0);
      if (size == 0 || (size < 0 && errno != EAGAIN)) {
        close(fd);
        return;
      }
      if (size < 0) return;
      loop.count();
      const ssize_t sent = send(fd, buffer.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL);
      if (sent == size) return;
      const auto done = static_cast<std::size_t>(sent < 0 ? 0 : sent);
      queue.assign(buffer.data() + done, static_cast<std::size_t>(size) - done);
      return loop.watch(EPOLL_CTL_MOD, fd, EPOLLOUT);
    }
    loop.count();
    const ssize_t sent = send(fd, queue.data(), queue.size(), MSG_NOSIGNAL);
    if (sent > 0) queue.erase(0, static_cast<std::size_t>(sent));
    if (queue.empty()) loop.watch(EPOLL_CTL_MOD, fd, EPOLLIN);
  });
}

void serve_raw_openings(Shared& shared) {
  RawLoop loop(shared);
  const std::string answer =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
  std::array<char, 4096> buffer;
  loop.run([&](int fd) {
    loop.count();
    const ssize_t size = recv(fd, buffer.data(), buffer.size(), 0);
    if (size > 64) {
      loop.count();
      static_cast<void>(send(fd, answer.data(), answer.size(), MSG_NOSIGNAL));
      return;
    }
    // The short frame is the Close: answered like one, then the connection ends.
    loop.count();
    if (size > 0) static_cast<void>(send(fd, "\x88\x02\x03\xe8", 4, MSG_NOSIGNAL));
    loop.count();
    close(fd);
  });
}

}  // namespace duplex::bench
