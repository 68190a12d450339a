// The calls on sockets of a simulated process.
#include <algorithm>
#include <array>
#include <cerrno>

#include "simulation/kernel.h"
#include "simulation/perform.h"

namespace duplex::simulation {

using net::Call;

int Kernel::socket(net::AddressFamily family) {
  return perform(Call::socket, -1, [&] {
    if (family == net::AddressFamily::unspecified) return -EAFNOSUPPORT;
    return insert(std::make_shared<Socket>(world_, family));
  });
}

int Kernel::bind(int fd, const net::Address& address) {
  return on_socket(Call::bind, fd, [&](Socket& socket) { return socket.bind(address); });
}

int Kernel::listen(int fd, int backlog) {
  return on_socket(Call::listen, fd, [&](Socket& socket) { return socket.listen(backlog); });
}

int Kernel::accept(int fd, net::Address* peer) {
  return with_fault(Call::accept, fd, [&](int fault) {
    if (descriptors_.find(fd) == nullptr) return -EBADF;
    Socket* const listener = find_socket(fd);
    if (listener == nullptr) return -ENOTSOCK;
    return listener->is_listening() ? accept_from(*listener, peer, fault) : -EINVAL;
  });
}

// An error that belongs to the new connection takes it away; one that belongs to the process leaves
// it waiting (accept(2)).
int Kernel::accept_from(Socket& listener, net::Address* peer, int fault) {
  constexpr std::array of_the_process{EAGAIN, EMFILE, ENFILE, ENOBUFS, ENOMEM, EINTR};
  const bool keeps =
      std::find(of_the_process.begin(), of_the_process.end(), fault) != of_the_process.end();
  if (fault != 0 && keeps) return -fault;
  if (fault == 0 && descriptors_.full()) return -EMFILE;
  const auto child = listener.accept();
  if (child == nullptr) return -EAGAIN;
  if (fault != 0) {
    child->fail(ECONNABORTED);
    return -fault;
  }
  if (peer != nullptr) *peer = child->remote();
  return insert(child);
}

// An interrupted connect goes on by itself, and the seam says so.
int Kernel::connect(int fd, const net::Address& address) {
  return with_fault(Call::connect, fd, [&](int fault) {
    if (descriptors_.find(fd) == nullptr) return -EBADF;
    Socket* const socket = find_socket(fd);
    if (socket == nullptr) return -ENOTSOCK;
    if (fault != 0 && fault != EINTR) return -fault;
    return socket->connect(address, toward_server_.value_or(world_.link_toward_server()),
                           toward_client_.value_or(world_.link_toward_client()));
  });
}

int Kernel::set_option(int fd, net::SocketOption option, int value) {
  return on_socket(Call::set_option, fd,
                   [&](Socket& socket) { return socket.set_option(option, value); });
}

int Kernel::socket_error(int fd) {
  return on_socket(Call::socket_error, fd, [](Socket& socket) { return socket.take_error(); });
}

int Kernel::local_address(int fd, net::Address& address) {
  return on_socket(Call::local_address, fd, [&](Socket& socket) {
    address = socket.local();
    return 0;
  });
}

int Kernel::peer_address(int fd, net::Address& address) {
  return on_socket(Call::peer_address, fd,
                   [&](Socket& socket) { return socket.peer_address(address); });
}

// An errno that means a broken connection breaks it, so that what comes after fits.
std::ptrdiff_t Kernel::fail_transfer(Socket& socket, int error) {
  if (breaks_connection(error)) {
    socket.fail(error);
    socket.take_error();
  }
  return -error;
}

std::ptrdiff_t Kernel::recv(int fd, MutableBytes bytes) {
  return with_fault(Call::recv, fd, [&](int fault) -> std::ptrdiff_t {
    if (descriptors_.find(fd) == nullptr) return -EBADF;
    Socket* const socket = find_socket(fd);
    if (socket == nullptr) return -ENOTSOCK;
    if (fault != 0) return fail_transfer(*socket, fault);
    if (faults_.resets_connection()) socket->reset();
    const std::size_t available = std::min(bytes.size(), socket->readable_size());
    const std::size_t size = faults_.shorten(Call::recv, available);
    return socket->recv(size < available ? bytes.first(size) : bytes);
  });
}

std::ptrdiff_t Kernel::writev(int fd, std::span<const Bytes> pieces) {
  return with_fault(Call::writev, fd, [&](int fault) -> std::ptrdiff_t {
    if (descriptors_.find(fd) == nullptr) return -EBADF;
    Socket* const socket = find_socket(fd);
    if (socket == nullptr) return -ENOTSOCK;
    if (fault != 0) return fail_transfer(*socket, fault);
    if (faults_.resets_connection()) socket->reset();
    std::size_t total = 0;
    for (const Bytes piece : pieces) total += piece.size();
    return socket->write(pieces, faults_.shorten(Call::writev, total));
  });
}

int Kernel::shutdown_write(int fd) {
  return on_socket(Call::shutdown, fd, [](Socket& socket) { return socket.shutdown_write(); });
}

}  // namespace duplex::simulation
