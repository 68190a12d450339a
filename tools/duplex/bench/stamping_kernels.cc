// Kernels that ask Linux when it did what with each packet.
#include "stamping_kernels.h"

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <optional>

namespace duplex::tools {
namespace {

using std::chrono::nanoseconds;

constexpr unsigned send_stamps = SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_TX_SCHED |
                                 SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_TX_ACK |
                                 SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY;
constexpr unsigned receive_stamps = SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_RX_SOFTWARE;

// The kernel stamps with this clock.
nanoseconds real_time() {
  timespec time = {};
  clock_gettime(CLOCK_REALTIME, &time);
  return std::chrono::seconds(time.tv_sec) + nanoseconds(time.tv_nsec);
}

// A system that knows no stamps gives none: nothing else changes.
void ask_for_stamps(int fd, unsigned flags) {
  setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof(flags));
}

// What comes beside a message.
struct Beside {
  std::optional<nanoseconds> stamp = {};
  std::optional<sock_extended_err> error = {};
};

template <class T>
T content_of(const cmsghdr* item) {
  T value = {};
  std::memcpy(&value, CMSG_DATA(item), sizeof(value));
  return value;
}

Beside read_beside(msghdr& message) {
  Beside beside;
  for (cmsghdr* item = CMSG_FIRSTHDR(&message); item != nullptr;
       item = CMSG_NXTHDR(&message, item)) {
    if (item->cmsg_level == SOL_SOCKET && item->cmsg_type == SCM_TIMESTAMPING) {
      const timespec time = content_of<scm_timestamping>(item).ts[0];
      beside.stamp = std::chrono::seconds(time.tv_sec) + nanoseconds(time.tv_nsec);
    } else if ((item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_RECVERR) ||
               (item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_RECVERR)) {
      beside.error = content_of<sock_extended_err>(item);
    }
  }
  return beside;
}

std::ptrdiff_t receive(int fd, MutableBytes bytes, int flags, Beside& beside) {
  iovec piece = {.iov_base = bytes.data(), .iov_len = bytes.size()};
  alignas(cmsghdr) std::array<char, 512> control = {};
  msghdr message = {};
  message.msg_iov = &piece;
  message.msg_iovlen = bytes.empty() ? 0 : 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  std::ptrdiff_t size = 0;
  do size = recvmsg(fd, &message, flags);
  while (size < 0 && errno == EINTR);
  if (size < 0) return -errno;
  beside = read_beside(message);
  return size;
}

std::optional<LadderStep> step_of(std::uint32_t kind) {
  switch (kind) {
    case SCM_TSTAMP_SCHED:
      return LadderStep::scheduled;
    case SCM_TSTAMP_SND:
      return LadderStep::sent;
    case SCM_TSTAMP_ACK:
      return LadderStep::acknowledged;
    default:
      return std::nullopt;
  }
}

}  // namespace

// --- The sending side ----------------------------------------------------------------------------

int SendStampingKernel::accept(int fd, net::Address* peer) {
  net::Address client;
  const int accepted = LinuxKernel::accept(fd, &client);
  if (peer != nullptr) *peer = client;
  if (accepted < 0) return accepted;
  ask_for_stamps(accepted, send_stamps);
  connections_[accepted] = {.client_port = client.port()};
  return accepted;
}

std::ptrdiff_t SendStampingKernel::writev(int fd, std::span<const Bytes> pieces) {
  const auto connection = connections_.find(fd);
  if (connection == connections_.end()) return LinuxKernel::writev(fd, pieces);
  const nanoseconds called = real_time();
  const std::ptrdiff_t size = LinuxKernel::writev(fd, pieces);
  if (size <= 0) return size;
  connection->second.sent += static_cast<std::uint64_t>(size);
  pieces_[connection->second.client_port].push_back(
      {.end = connection->second.sent, .called = called});
  return size;
}

int SendStampingKernel::close(int fd) {
  if (connections_.contains(fd)) read_stamps(fd);
  connections_.erase(fd);
  std::erase_if(registered_, [fd](const auto& entry) { return entry.second == fd; });
  return LinuxKernel::close(fd);
}

int SendStampingKernel::epoll_ctl(int epoll, net::EpollOperation operation, int fd,
                                  net::Ready interest) {
  // A copy of it: the struct is packed, and the map takes its keys by reference.
  if (operation != net::EpollOperation::remove) registered_[std::uint64_t{interest.data}] = fd;
  return LinuxKernel::epoll_ctl(epoll, operation, fd, interest);
}

int SendStampingKernel::epoll_wait(int epoll, std::span<net::Ready> ready,
                                   std::chrono::nanoseconds timeout) {
  const int count = LinuxKernel::epoll_wait(epoll, ready, timeout);
  if (count <= 0) return count;
  const auto end = ready.begin() + count;
  const auto left = std::remove_if(ready.begin(), end, [this](net::Ready& each) {
    if ((each.events & net::Ready::error) == 0) return false;
    const auto found = registered_.find(std::uint64_t{each.data});
    if (found == registered_.end() || !connections_.contains(found->second)) return false;
    if (read_stamps(found->second)) each.events &= ~net::Ready::error;
    return each.events == 0;
  });
  return static_cast<int>(left - ready.begin());
}

bool SendStampingKernel::read_stamps(int fd) {
  bool any = false;
  Beside beside;
  while (receive(fd, {}, MSG_ERRQUEUE | MSG_DONTWAIT, beside) >= 0) {
    any = true;
    if (!beside.stamp || !beside.error) continue;
    if (beside.error->ee_origin != SO_EE_ORIGIN_TIMESTAMPING) continue;
    add_stamp(fd, beside.error->ee_info, beside.error->ee_data, *beside.stamp);
  }
  return any;
}

// `last_byte` counts from 0, in 32 bits: far more than a ladder takes.
void SendStampingKernel::add_stamp(int fd, std::uint32_t kind, std::uint32_t last_byte,
                                   nanoseconds at) {
  const auto step = step_of(kind);
  if (!step) return;
  std::vector<SentPiece>& pieces = pieces_[connections_[fd].client_port];
  const auto found = std::find_if(
      pieces.rbegin(), pieces.rend(),
      [last_byte](const SentPiece& piece) { return piece.end == std::uint64_t{last_byte} + 1; });
  if (found != pieces.rend()) found->stamp(*step, at);
}

// --- The receiving side --------------------------------------------------------------------------

int ReceiveStampingKernel::connect(int fd, const net::Address& address) {
  ask_for_stamps(fd, receive_stamps);
  received_[fd] = 0;
  return LinuxKernel::connect(fd, address);
}

std::ptrdiff_t ReceiveStampingKernel::recv(int fd, MutableBytes bytes) {
  const auto received = received_.find(fd);
  if (received == received_.end()) return LinuxKernel::recv(fd, bytes);
  Beside beside;
  const std::ptrdiff_t size = receive(fd, bytes, MSG_DONTWAIT, beside);
  if (size <= 0) return size;
  received->second += static_cast<std::uint64_t>(size);
  net::Address here;
  if (!beside.stamp || LinuxKernel::local_address(fd, here) < 0) return size;
  pieces_[here.port()].push_back(
      {.end = received->second, .received = *beside.stamp, .delivered = real_time()});
  return size;
}

int ReceiveStampingKernel::close(int fd) {
  received_.erase(fd);
  return LinuxKernel::close(fd);
}

}  // namespace duplex::tools
