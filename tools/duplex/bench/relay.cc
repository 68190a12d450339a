// A link with a delay.
#include "relay.h"

#include <sys/prctl.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "cpu_time.h"

namespace duplex::tools {
namespace {

using net::Ready;

constexpr std::uint64_t route_mark = std::uint64_t{1} << 62;  // in the data of a listener
constexpr std::size_t buffer_size = std::size_t{64} << 10;
constexpr std::size_t max_held = std::size_t{4} << 20;  // bytes towards one end; then no reading

bool would_block(std::ptrdiff_t result) noexcept {
  return result == -EAGAIN || result == -ENOTCONN || result == -EINTR;
}

}  // namespace

Relay::Relay(net::Kernel& kernel, std::chrono::nanoseconds delay)
    : kernel_(kernel), delay_(delay), poll_(kernel), buffer_(buffer_size) {}

Relay::~Relay() {
  for (const Route& route : routes_) kernel_.close(route.listener);
  for (const auto& [id, link] : links_) {
    for (const End& end : link) kernel_.close(end.fd);
  }
}

net::Address Relay::forward(net::Address address, net::Address target) {
  const int listener = listen_on(kernel_, address);
  poll_.add(listener, Ready::in, route_mark | routes_.size());
  routes_.push_back({.listener = listener, .target = target});
  return address;
}

RelayCounters Relay::counters() const noexcept {
  RelayCounters counters = {.connections = next_id_, .up = done_[0], .down = done_[1]};
  for (const auto& [id, link] : links_) {
    counters.up.on_the_way += link[1].held;
    counters.down.on_the_way += link[0].held;
  }
  return counters;
}

void Relay::turn(std::chrono::nanoseconds max_wait) {
  std::chrono::nanoseconds wait = max_wait;
  if (!held_.empty()) {
    const auto until_due =
        std::max<std::chrono::nanoseconds>(held_.front().due - kernel_.now(), {});
    if (wait.count() < 0 || until_due < wait) wait = until_due;
  }
  for (const Ready& ready : poll_.wait(wait)) {
    if (ready.data == PollSet::wake_data) continue;
    if ((ready.data & route_mark) != 0) {
      accept_all(routes_[ready.data & ~route_mark]);
    } else {
      on_ready(ready.data / 2, ready.data % 2, ready.events);
    }
  }
  release_due();
}

void Relay::accept_all(const Route& route) {
  for (int client = 0; (client = kernel_.accept(route.listener, nullptr)) >= 0;) {
    const int server = kernel_.socket(route.target.family());
    const int result = server < 0 ? server : kernel_.connect(server, route.target);
    if (result < 0 && result != -EINPROGRESS) {
      kernel_.close(client);
      if (server >= 0) kernel_.close(server);
      continue;
    }
    const std::uint64_t id = next_id_++;
    Link& link = links_[id];
    const std::array<int, 2> descriptors = {client, server};
    for (std::size_t side = 0; side < link.size(); ++side) {
      link[side].fd = descriptors[side];
      link[side].side = side;
      link[side].interest = Ready::in;
      // Held back here, not in the kernel; a Unix-domain socket has no such option.
      kernel_.set_option(link[side].fd, net::SocketOption::no_delay, 1);
      poll_.add(link[side].fd, Ready::in, id * 2 + side);
    }
  }
}

void Relay::on_ready(std::uint64_t id, std::size_t side, std::uint32_t events) {
  const auto found = links_.find(id);
  if (found == links_.end()) return;
  Link& link = found->second;
  End& end = link[side];
  const bool gone = (events & (Ready::hang_up | Ready::error)) != 0;
  if (!end.read_ended && (gone || (events & Ready::in) != 0)) {
    read(id, side, link);
  } else if (gone && !end.hung_up) {
    // Reported for ever, whatever is asked for; what is on its way to the other end still goes.
    end.hung_up = true;
    poll_.remove(end.fd);
  }
  if ((events & Ready::out) != 0 && !flush(end)) return drop(id);
  update(id, link);
}

void Relay::read(std::uint64_t id, std::size_t side, Link& link) {
  const std::ptrdiff_t size = kernel_.recv(link[side].fd, buffer_);
  if (size < 0 && would_block(size)) return;
  Held held = {.due = kernel_.now() + delay_,
               .link = id,
               .side = 1 - side,
               .bytes = {},
               .reset = size == -ECONNRESET};
  if (size > 0) {
    held.bytes.assign(buffer_.begin(), buffer_.begin() + size);
    link[1 - side].held += held.bytes.size();
    done_[side].bytes_in += held.bytes.size();
  } else {
    link[side].read_ended = true;
  }
  held_.push_back(std::move(held));
}

void Relay::release_due() {
  const auto now = kernel_.now();
  while (!held_.empty() && held_.front().due <= now) {
    Held held = std::move(held_.front());
    held_.pop_front();
    RelayDirection& direction = done_[1 - held.side];
    direction.latest = std::max<std::chrono::nanoseconds>(direction.latest, now - held.due);
    const auto found = links_.find(held.link);
    if (found != links_.end()) deliver(found->second, held);
  }
}

void Relay::deliver(Link& link, Held& held) {
  if (held.reset) return reset(held);
  End& end = link[held.side];
  if (held.bytes.empty()) {
    end.end_owed = true;
  } else {
    end.blocked.insert(end.blocked.end(), held.bytes.begin(), held.bytes.end());
  }
  const bool broken = !flush(end);
  // Both have heard the end of the other.
  if (broken || (link[0].write_ended && link[1].write_ended)) return drop(held.link);
  update(held.link, link);
}

bool Relay::flush(End& end) {
  while (!end.blocked.empty()) {
    const std::array<Bytes, 1> pieces = {Bytes(end.blocked)};
    const std::ptrdiff_t size = kernel_.writev(end.fd, pieces);
    if (size < 0) return would_block(size);
    end.held -= static_cast<std::size_t>(size);
    done_[1 - end.side].bytes_out += static_cast<std::uint64_t>(size);
    end.blocked.erase(end.blocked.begin(), end.blocked.begin() + size);
  }
  if (end.end_owed && !end.write_ended) {
    kernel_.shutdown_write(end.fd);
    end.write_ended = true;
  }
  return true;
}

void Relay::update(std::uint64_t id, Link& link) {
  for (std::size_t side = 0; side < link.size(); ++side) {
    End& end = link[side];
    const bool reading = !end.read_ended && link[1 - side].held < max_held;
    const std::uint32_t interest =
        (reading ? Ready::in : 0) | (end.blocked.empty() ? 0 : Ready::out);
    if (end.hung_up || interest == end.interest) continue;
    end.interest = interest;
    poll_.modify(end.fd, interest, id * 2 + side);
  }
}

void Relay::drop(std::uint64_t id) {
  for (const End& end : links_[id]) {
    if (!end.hung_up) poll_.remove(end.fd);
    kernel_.close(end.fd);
  }
  links_.erase(id);
}

// Who would only hear the end might go on answering.
void Relay::reset(const Held& held) {
  kernel_.set_option(links_[held.link][held.side].fd, net::SocketOption::linger_reset, 1);
  drop(held.link);
}

RelayThread::~RelayThread() { stop(); }

void RelayThread::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  relay_.wake();
  thread_.join();
}

net::Address RelayThread::forward(const net::Address& target) {
  return relay_.forward(*net::Address::parse("127.0.0.1", 0), target);
}

void RelayThread::start() {
  thread_ = std::thread([this] {
    prctl(PR_SET_TIMERSLACK, 1);  // nanosecond: bytes leave when they are due, not 50 µs later
    while (!stopping_) relay_.turn(std::chrono::nanoseconds(-1));
  });
}

RelayCounters RelayThread::counters() const { return relay_.counters(); }

double RelayThread::cpu_seconds() { return cpu_seconds_of(thread_); }

}  // namespace duplex::tools
