// Clients of plain TCP.
#include "tcp_arm.h"

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "../address_text.h"

namespace duplex::tools {

using net::Ready;

TcpArm::TcpArm(EventLoop& loop, const ArmSettings& settings, ArmHandlers handlers)
    : Arm(std::move(handlers)), loop_(loop), kernel_(settings.sockets), poll_(kernel_) {
  const net::Address address = resolve_address(kernel_, settings.tcp);
  for (std::size_t i = 0; i < settings.client_count; ++i) {
    const int fd = check(kernel_.socket(address.family()), "socket");
    readers_.push_back({.fd = fd});
    if (const int result = kernel_.connect(fd, address); result != -EINPROGRESS) {
      check(result, "connect");
    }
    poll_.add(fd, Ready::in | Ready::out, i);
  }
  thread_ = std::thread([this] { read_until_stopped(); });
}

TcpArm::~TcpArm() {
  *alive_ = false;
  stopping_ = true;
  poll_.wake();
  thread_.join();
  for (const Reader& reader : readers_) kernel_.close(reader.fd);
}

void TcpArm::read_until_stopped() {
  while (!stopping_) {
    for (const Ready& ready : poll_.wait(std::chrono::nanoseconds(-1))) {
      if (ready.data != PollSet::wake_data) on_ready(ready.data, ready.events);
    }
  }
}

void TcpArm::on_ready(std::size_t index, std::uint32_t events) {
  Reader& reader = readers_[index];
  if (!reader.connected && (events & (Ready::out | Ready::error)) != 0) {
    if (const int error = kernel_.socket_error(reader.fd); error != 0) {
      return give_up(index, std::system_category().message(error));
    }
    reader.connected = true;
    ++connected_count_;
    poll_.modify(reader.fd, Ready::in, index);
  }
  if ((events & Ready::in) != 0) read(index);
}

void TcpArm::read(std::size_t index) {
  Reader& reader = readers_[index];
  std::array<std::byte, 4096> buffer;
  const std::ptrdiff_t size = kernel_.recv(reader.fd, buffer);
  if (size == -EAGAIN) return;
  if (size <= 0) return give_up(index, "the server closed a TCP connection");
  reader.unfinished += as_text(Bytes(buffer).first(static_cast<std::size_t>(size)));
  const std::size_t end = reader.unfinished.rfind('\n');
  if (end == std::string::npos) return;
  loop_.post([this, alive = alive_, index, lines = reader.unfinished.substr(0, end),
              received = net::Clock::now()] {
    if (*alive) handlers_.deliver(index, lines, received);
  });
  reader.unfinished.erase(0, end + 1);
}

void TcpArm::give_up(std::size_t index, std::string why) {
  poll_.remove(readers_[index].fd);
  loop_.post([this, alive = alive_, why = std::move(why)] {
    if (*alive) handlers_.fail(why);
  });
}

}  // namespace duplex::tools
