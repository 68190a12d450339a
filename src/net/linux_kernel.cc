// Sockets, files and names of the seam, by Linux system calls.
#include "duplex/net/linux_kernel.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "net/linux_call.h"

namespace duplex::net {

namespace {

constexpr std::size_t max_pieces = 1024;  // IOV_MAX

int family_number(AddressFamily family) noexcept {
  switch (family) {
    case AddressFamily::ipv4:
      return AF_INET;
    case AddressFamily::ipv6:
      return AF_INET6;
    case AddressFamily::unix_domain:
      return AF_UNIX;
    default:
      return AF_UNSPEC;
  }
}

const sockaddr* raw_of(const Address& address) noexcept {
  return static_cast<const sockaddr*>(address.raw());
}

struct OptionName {
  int level;
  int name;
};

OptionName name_of_option(SocketOption option) noexcept {
  switch (option) {
    case SocketOption::no_delay:
      return {IPPROTO_TCP, TCP_NODELAY};
    case SocketOption::reuse_address:
      return {SOL_SOCKET, SO_REUSEADDR};
    case SocketOption::reuse_port:
      return {SOL_SOCKET, SO_REUSEPORT};
    case SocketOption::ipv6_only:
      return {IPPROTO_IPV6, IPV6_V6ONLY};
    case SocketOption::keep_alive:
      return {SOL_SOCKET, SO_KEEPALIVE};
    case SocketOption::keep_alive_idle:
      return {IPPROTO_TCP, TCP_KEEPIDLE};
    case SocketOption::keep_alive_interval:
      return {IPPROTO_TCP, TCP_KEEPINTVL};
    case SocketOption::keep_alive_count:
      return {IPPROTO_TCP, TCP_KEEPCNT};
    case SocketOption::user_timeout:
      return {IPPROTO_TCP, TCP_USER_TIMEOUT};
    case SocketOption::send_buffer:
      return {SOL_SOCKET, SO_SNDBUF};
    case SocketOption::receive_buffer:
      return {SOL_SOCKET, SO_RCVBUF};
    case SocketOption::linger_reset:
      return {SOL_SOCKET, SO_LINGER};
    case SocketOption::not_sent_low_water:
      return {IPPROTO_TCP, TCP_NOTSENT_LOWAT};
  }
  return {-1, -1};
}

// getsockname and getpeername.
template <class F>
int read_address(F call, int fd, Address& address) noexcept {
  sockaddr_storage raw;
  socklen_t size = sizeof raw;
  const int result = value_or_errno(call(fd, reinterpret_cast<sockaddr*>(&raw), &size));
  if (result == 0) address = Address::from_raw(&raw, size);
  return result;
}

FileStatus status_of(const struct stat& raw) noexcept {
  return {.size = static_cast<std::uint64_t>(raw.st_size),
          .modified_seconds = raw.st_mtim.tv_sec,
          .modified_nanoseconds = raw.st_mtim.tv_nsec,
          .inode = raw.st_ino,
          .is_regular = S_ISREG(raw.st_mode),
          .is_directory = S_ISDIR(raw.st_mode)};
}

int errno_of_look_up(int error) noexcept {
  switch (error) {
    case EAI_AGAIN:
      return -EAGAIN;
    case EAI_MEMORY:
      return -ENOMEM;
    case EAI_SYSTEM:
      return errno != 0 ? -errno : -EIO;
    default:
      return -ENXIO;
  }
}

int look_up(const std::string& host, std::uint16_t port, std::span<Address> addresses) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (error != 0) return errno_of_look_up(error);
  std::size_t count = 0;
  for (const addrinfo* entry = list; entry != nullptr && count < addresses.size();
       entry = entry->ai_next) {
    const Address address = Address::from_raw(entry->ai_addr, entry->ai_addrlen);
    if (address.family() == AddressFamily::unspecified) continue;
    addresses[count] = address;
    addresses[count++].set_port(port);
  }
  ::freeaddrinfo(list);
  return count > 0 ? static_cast<int>(count) : -ENXIO;
}

}  // namespace

int LinuxKernel::socket(AddressFamily family) {
  counts_.add(Call::socket);
  if (family == AddressFamily::unspecified) return -EAFNOSUPPORT;
  return value_or_errno(
      ::socket(family_number(family), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

int LinuxKernel::bind(int fd, const Address& address) {
  counts_.add(Call::bind);
  return value_or_errno(::bind(fd, raw_of(address), static_cast<socklen_t>(address.raw_size())));
}

int LinuxKernel::listen(int fd, int backlog) {
  counts_.add(Call::listen);
  return value_or_errno(::listen(fd, backlog));
}

int LinuxKernel::accept(int fd, Address* peer) {
  counts_.add(Call::accept);
  sockaddr_storage raw;
  socklen_t size = sizeof raw;
  const int result = retry_interrupted([&] {
    size = sizeof raw;
    return ::accept4(fd, reinterpret_cast<sockaddr*>(&raw), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  });
  if (result >= 0 && peer != nullptr) *peer = Address::from_raw(&raw, size);
  return result;
}

// An interrupted connect goes on by itself; asking again would only say EALREADY (connect(2)).
int LinuxKernel::connect(int fd, const Address& address) {
  counts_.add(Call::connect);
  const int result =
      value_or_errno(::connect(fd, raw_of(address), static_cast<socklen_t>(address.raw_size())));
  return result == -EINTR ? -EINPROGRESS : result;
}

int LinuxKernel::set_option(int fd, SocketOption option, int value) {
  counts_.add(Call::set_option);
  const auto [level, name] = name_of_option(option);
  if (option == SocketOption::linger_reset) {
    const linger reset = {.l_onoff = 1, .l_linger = 0};
    return value_or_errno(::setsockopt(fd, level, name, &reset, sizeof reset));
  }
  return value_or_errno(::setsockopt(fd, level, name, &value, sizeof value));
}

int LinuxKernel::socket_error(int fd) {
  counts_.add(Call::socket_error);
  int error = 0;
  socklen_t size = sizeof error;
  const int result = value_or_errno(::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size));
  return result < 0 ? result : error;
}

int LinuxKernel::local_address(int fd, Address& address) {
  counts_.add(Call::local_address);
  return read_address(::getsockname, fd, address);
}

int LinuxKernel::peer_address(int fd, Address& address) {
  counts_.add(Call::peer_address);
  return read_address(::getpeername, fd, address);
}

std::ptrdiff_t LinuxKernel::recv(int fd, MutableBytes bytes) {
  counts_.add(Call::recv);
  return retry_interrupted([&] { return ::recv(fd, bytes.data(), bytes.size(), 0); });
}

std::ptrdiff_t LinuxKernel::writev(int fd, std::span<const Bytes> pieces) {
  counts_.add(Call::writev);
  if (pieces.size() == 1) {
    const Bytes bytes = pieces.front();
    return retry_interrupted([&] { return ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL); });
  }
  std::array<iovec, max_pieces> parts;
  const std::size_t count = std::min(pieces.size(), max_pieces);
  for (std::size_t i = 0; i < count; ++i) {
    parts[i] = {const_cast<std::byte*>(pieces[i].data()), pieces[i].size()};
  }
  msghdr message = {};
  message.msg_iov = parts.data();
  message.msg_iovlen = count;
  return retry_interrupted([&] { return ::sendmsg(fd, &message, MSG_NOSIGNAL); });
}

int LinuxKernel::shutdown_write(int fd) {
  counts_.add(Call::shutdown);
  return value_or_errno(::shutdown(fd, SHUT_WR));
}

int LinuxKernel::close(int fd) {
  counts_.add(Call::close);
  return value_or_errno(::close(fd));
}

int LinuxKernel::open_directory(const std::string& path) {
  counts_.add(Call::open);
  return retry_interrupted([&] { return ::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC); });
}

int LinuxKernel::open_beneath(int root, const std::string& path) {
  counts_.add(Call::open);
  open_how how = {};
  // O_NONBLOCK: opening a FIFO must not hang the loop.
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  return retry_interrupted([&] {
    return static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how));
  });
}

int LinuxKernel::fstat(int fd, FileStatus& status) {
  counts_.add(Call::fstat);
  struct stat raw = {};
  const int result = value_or_errno(::fstat(fd, &raw));
  if (result == 0) status = status_of(raw);
  return result;
}

std::ptrdiff_t LinuxKernel::pread(int fd, MutableBytes bytes, std::uint64_t offset) {
  counts_.add(Call::pread);
  return retry_interrupted(
      [&] { return ::pread(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset)); });
}

int LinuxKernel::unlink(const std::string& path) {
  counts_.add(Call::unlink);
  return value_or_errno(::unlink(path.c_str()));
}

// There is no weaker source to fall back to: failing is the caller's business.
int LinuxKernel::random(MutableBytes bytes) {
  counts_.add(Call::random);
  while (!bytes.empty()) {
    const auto got = retry_interrupted([&] { return ::getrandom(bytes.data(), bytes.size(), 0); });
    if (got < 0) return static_cast<int>(got);
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
  return 0;
}

int LinuxKernel::resolve(const std::string& host, std::uint16_t port,
                         std::span<Address> addresses) {
  counts_.add(Call::resolve);
  return look_up(host, port, addresses);
}

// Counted when it is handed out: the thread that calls it may outlive the counts.
Kernel::BlockingResolve LinuxKernel::blocking_resolve() {
  counts_.add(Call::resolve);
  return look_up;
}

}  // namespace duplex::net
