// Listening and accepting; the errors are those of accept(2).
#include "net/listener.h"

#include <algorithm>
#include <cerrno>

#include "net/error.h"

namespace duplex::net {

namespace {

constexpr auto pause_time = std::chrono::milliseconds(100);

// accept(2), "Error handling": these belong to the connection that was to be accepted.
bool is_transient(int error) noexcept {
  constexpr int transient[] = {ECONNABORTED, EPROTO, EPERM,        ENETDOWN,   ENOPROTOOPT, EINTR,
                               EHOSTDOWN,    ENONET, EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH};
  return std::find(std::begin(transient), std::end(transient), error) != std::end(transient);
}

}  // namespace

Listener::Listener(Reactor& reactor, ListenerOwner& owner, const ListenerOptions& options)
    : reactor_(reactor),
      owner_(owner),
      max_accepts_per_turn_(std::max(options.max_accepts_per_turn, 1)) {
  options.unix_path.empty() ? open_tcp(options) : open_unix(options);
  try {
    start(options.backlog);
  } catch (...) {
    close();
    throw;
  }
}

Listener::~Listener() { close(); }

// --- Opening -------------------------------------------------------------------------------------

void Listener::fail(int result) const {
  throw std::system_error(error_of(result), "cannot listen on " + address_.text());
}

void Listener::check(int result) const {
  if (result < 0) fail(result);
}

void Listener::open_tcp(const ListenerOptions& options) {
  const auto address = Address::parse(options.host, options.port);
  if (!address) {
    throw std::system_error(
        address.error(), "cannot listen on " + options.host + ":" + std::to_string(options.port));
  }
  address_ = *address;
  Kernel& kernel = reactor_.kernel();
  const int fd = kernel.socket(address_.family());
  check(fd);
  socket_ = Descriptor(kernel, fd);
  check(kernel.set_option(fd, SocketOption::reuse_address, 1));
  if (options.reuse_port) check(kernel.set_option(fd, SocketOption::reuse_port, 1));
  // Whatever /proc/sys/net/ipv6/bindv6only says.
  if (address_.family() == AddressFamily::ipv6) kernel.set_option(fd, SocketOption::ipv6_only, 0);
  if (options.no_delay) kernel.set_option(fd, SocketOption::no_delay, 1);
  watch_over_peers(options);
  check(kernel.bind(fd, address_));
}

// Who has gone without a word: TCP finds out by itself.
void Listener::watch_over_peers(const ListenerOptions& options) {
  const auto set = [this](SocketOption option, std::int64_t value) {
    reactor_.kernel().set_option(socket_.fd(), option, static_cast<int>(value));
  };
  if (options.user_timeout.count() > 0) {
    set(SocketOption::user_timeout, options.user_timeout.count());
  }
  if (options.keep_alive.idle.count() == 0) return;
  set(SocketOption::keep_alive_idle, options.keep_alive.idle.count());
  set(SocketOption::keep_alive_interval, options.keep_alive.interval.count());
  set(SocketOption::keep_alive_count, options.keep_alive.count);
  set(SocketOption::keep_alive, 1);
}

void Listener::open_unix(const ListenerOptions& options) {
  const auto address = Address::unix_path(options.unix_path);
  if (!address) {
    throw std::system_error(address.error(), "cannot listen on unix:" + options.unix_path);
  }
  address_ = *address;
  const int fd = reactor_.kernel().socket(AddressFamily::unix_domain);
  check(fd);
  socket_ = Descriptor(reactor_.kernel(), fd);
  bind_unix();
  owns_path_ = options.unix_path.front() != '@';
}

void Listener::bind_unix() {
  Kernel& kernel = reactor_.kernel();
  int result = kernel.bind(socket_.fd(), address_);
  if (result == -EADDRINUSE && is_stale_socket_file()) {
    kernel.unlink(address_.host());
    result = kernel.bind(socket_.fd(), address_);
  }
  check(result);
}

// Nobody answers, and it is a socket: connecting to a plain file is refused as well, but opening
// one does not fail with ENXIO (open(2)).
bool Listener::is_stale_socket_file() const {
  Kernel& kernel = reactor_.kernel();
  const Descriptor probe(kernel, kernel.socket(AddressFamily::unix_domain));
  if (!probe || kernel.connect(probe.fd(), address_) != -ECONNREFUSED) return false;
  const std::string path = address_.host();
  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const Descriptor root(kernel, kernel.open_directory(folder));
  if (!root) return false;
  const Descriptor file(kernel, kernel.open_beneath(root.fd(), path.substr(slash + 1)));
  return file.fd() == -ENXIO;
}

void Listener::start(int backlog) {
  Kernel& kernel = reactor_.kernel();
  check(kernel.listen(socket_.fd(), backlog));
  if (address_.port() == 0) check(kernel.local_address(socket_.fd(), address_));
  const auto watched = reactor_.watch(socket_.fd(), Ready::in, *this);
  if (!watched) fail(-watched.error().value());
  id_ = *watched;
  reserve_ = Descriptor(kernel, kernel.reserve_descriptor());  // without one, it pauses
}

void Listener::close() noexcept {
  reactor_.disarm(*this);
  reactor_.unwatch(id_);
  // Before the socket closes, so that a successor's file is not the one removed.
  if (owns_path_) static_cast<void>(reactor_.kernel().unlink(address_.host()));
  owns_path_ = false;
  socket_.reset();
  reserve_.reset();
}

// --- Accepting -----------------------------------------------------------------------------------

void Listener::on_ready(std::uint32_t) {
  bool progress = false;
  for (int left = max_accepts_per_turn_; left > 0 && socket_; --left) {
    const Outcome outcome = accept_one();
    if (outcome == Outcome::nothing_left) return;
    if (outcome == Outcome::exhausted) return pause();
    if (outcome == Outcome::accepted) progress = true;
  }
  // Nothing but errors: whatever they are about, it does not pass by trying faster.
  if (!progress && socket_) pause();
}

Listener::Outcome Listener::accept_one() {
  Address peer;
  const int fd = reactor_.kernel().accept(socket_.fd(), &peer);
  if (fd >= 0) {
    ++stats_.accepted;
    hand_over(fd, peer);
    return Outcome::accepted;
  }
  if (fd == -EAGAIN) return Outcome::nothing_left;
  if (fd == -EMFILE) return refuse_one();
  if (!is_transient(-fd)) return Outcome::exhausted;
  ++stats_.transient_errors;
  return Outcome::skipped;
}

void Listener::hand_over(int fd, const Address& peer) {
  Descriptor taken(reactor_.kernel(), fd);
  reactor_.guard([&] {
    owner_.on_accept(fd, peer);
    taken.release();
  });
}

// Out of descriptors: a peer that waits in the queue would make the socket ready for ever, so it is
// let in and turned away with the descriptor kept for that.
Listener::Outcome Listener::refuse_one() {
  Kernel& kernel = reactor_.kernel();
  reserve_.reset();
  Descriptor refused(kernel, kernel.accept(socket_.fd(), nullptr));
  const int error = refused.fd();
  if (refused) ++stats_.refused;
  refused.reset();
  reserve_ = Descriptor(kernel, kernel.reserve_descriptor());
  if (error == -EAGAIN) return Outcome::nothing_left;
  return error < 0 || !reserve_ ? Outcome::exhausted : Outcome::accepted;
}

void Listener::pause() noexcept {
  ++stats_.pauses;
  // The interest goes only when something is sure to bring it back.
  reactor_.guard([&] {
    reactor_.arm(*this, reactor_.now() + pause_time);
    reactor_.change_interest(id_, 0);
  });
}

void Listener::resume() noexcept {
  if (!paused()) return;
  reactor_.disarm(*this);
  on_timer();
}

void Listener::on_timer() {
  if (!reserve_) {
    reserve_ = Descriptor(reactor_.kernel(), reactor_.kernel().reserve_descriptor());
  }
  if (reactor_.change_interest(id_, Ready::in)) pause();
}

}  // namespace duplex::net
