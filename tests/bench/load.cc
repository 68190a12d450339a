// A closed-loop load; see load.h.
#include "load.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "sockets.h"

namespace duplex::bench {
namespace {

constexpr std::size_t max_batch = std::size_t{1} << 20;

}  // namespace

Load::Load(LoadOptions options) : options_(std::move(options)) {
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  const std::size_t copies = std::clamp<std::size_t>(
      max_batch / options_.message.size(), 1, static_cast<std::size_t>(options_.outstanding));
  for (std::size_t i = 0; i < copies; ++i) batch_ += options_.message;
  connections_.resize(static_cast<std::size_t>(options_.connections));
  for (Connection& connection : connections_) {
    connection.fd = connect_to_loopback(options_.port);
    if (options_.socketio) {
      open_socketio(connection.fd);
    } else if (options_.websocket) {
      open_websocket(connection.fd, "/");
    }
    set_non_blocking(connection.fd);
    epoll_event event{.events = EPOLLIN, .data = {.ptr = &connection}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &event);
  }
}

Load::~Load() {
  for (const Connection& connection : connections_) close(connection.fd);
  close(epoll_);
}

double Load::run(std::uint64_t count) {
  unsent_ = count;
  missing_ = count;
  const auto start = std::chrono::steady_clock::now();
  for (Connection& connection : connections_) begin(connection);
  std::array<epoll_event, 256> events;
  while (missing_ > 0) {
    const int ready = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < ready; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      auto& connection = *static_cast<Connection*>(event.data.ptr);
      if ((event.events & EPOLLIN) != 0) read(connection);
      if ((event.events & EPOLLOUT) != 0) write(connection);
    }
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Fills the connection up to its outstanding messages.
void Load::begin(Connection& connection) {
  const auto room = static_cast<std::uint64_t>(options_.outstanding) - connection.under_way;
  const std::uint64_t count = std::min(room, unsent_);
  unsent_ -= count;
  connection.under_way += count;
  connection.to_send += count * options_.message.size();
  if (connection.to_send > 0) write(connection);
}

void Load::write(Connection& connection) {
  while (connection.to_send > 0) {
    const std::size_t size =
        std::min<std::uint64_t>(connection.to_send, batch_.size() - connection.offset);
    const ssize_t sent = send(connection.fd, batch_.data() + connection.offset, size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) return want_write(connection, true);
    if (sent <= 0) {
      std::perror("send");
      std::exit(1);
    }
    connection.to_send -= static_cast<std::uint64_t>(sent);
    connection.offset =
        (connection.offset + static_cast<std::size_t>(sent)) % options_.message.size();
  }
  want_write(connection, false);
}

void Load::want_write(Connection& connection, bool wanted) {
  if (connection.wants_write == wanted) return;
  connection.wants_write = wanted;
  epoll_event event{.events = EPOLLIN | (wanted ? std::uint32_t{EPOLLOUT} : 0U),
                    .data = {.ptr = &connection}};
  epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.fd, &event);
}

void Load::read(Connection& connection) {
  static thread_local std::vector<char> buffer(std::size_t{1} << 20);
  const ssize_t size = recv(connection.fd, buffer.data(), buffer.size(), 0);
  if (size <= 0) {
    if (size < 0 && errno == EAGAIN) return;
    std::fputs("the server closed a connection under load\n", stderr);
    std::exit(1);
  }
  connection.received += static_cast<std::uint64_t>(size);
  const std::uint64_t answered = connection.received / options_.reply_size;
  if (answered == 0) return;
  connection.received %= options_.reply_size;
  connection.under_way -= answered;
  missing_ -= std::min(missing_, answered);
  begin(connection);
}

}  // namespace duplex::bench
