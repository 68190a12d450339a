// The feed's lines pushed over plain TCP.
#include "tcp_push.h"

#include <array>
#include <cerrno>
#include <chrono>

namespace duplex::tools {

TcpPush::TcpPush(EventLoop& loop, std::string_view host, std::uint16_t port)
    : loop_(loop), poll_(accept_kernel_) {
  auto address = net::Address::parse(host, port);
  if (!address) throw std::system_error(address.error(), "--tcp-port");
  address_ = *address;
  listener_ = listen_on(accept_kernel_, address_);
  poll_.add(listener_, net::Ready::in, 0);
  thread_ = std::thread([this] { accept_until_stopped(); });
}

TcpPush::~TcpPush() {
  stopping_ = true;
  poll_.wake();
  thread_.join();
  accept_kernel_.close(listener_);
  for (const int peer : peers_) loop_.kernel().close(peer);
}

void TcpPush::accept_until_stopped() {
  while (!stopping_) {
    poll_.wait(std::chrono::nanoseconds(-1));
    int peer = 0;
    while (!stopping_ && (peer = accept_kernel_.accept(listener_, nullptr)) >= 0) {
      accept_kernel_.set_option(peer, net::SocketOption::no_delay, 1);
      if (!loop_.post([this, peer] { peers_.push_back(peer); })) accept_kernel_.close(peer);
    }
    // Descriptors or memory have run out: who waits is announced again and again.
    if (peer < 0 && peer != -EAGAIN) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

void TcpPush::push(std::string_view text) {
  const std::array<Bytes, 1> pieces = {as_bytes(text)};
  std::erase_if(peers_, [&](int peer) {
    if (loop_.kernel().writev(peer, pieces) == static_cast<std::ptrdiff_t>(text.size())) {
      bytes_sent_ += text.size();
      ++message_count_;
      return false;
    }
    loop_.kernel().close(peer);
    return true;
  });
}

}  // namespace duplex::tools
