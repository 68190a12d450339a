// AF_PACKET sockets, and a filter in the kernel.
#include "packet_capture.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "capture_reader.h"
#include "stamps.h"

namespace duplex::tools::trace {
namespace {

constexpr int buffer_size = 32 << 20;  // bytes that may wait in the kernel

[[noreturn]] void throw_error(const char* what) {
  throw std::system_error(errno, std::system_category(), what);
}

void set_option(int socket, int level, int option, int value, const char* what) {
  if (setsockopt(socket, level, option, &value, sizeof(value)) != 0) throw_error(what);
}

// As much as asked for needs CAP_NET_ADMIN; without it the system's limit holds.
void ask_for_room(int socket) {
  const int size = buffer_size;
  if (setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) == 0) return;
  set_option(socket, SOL_SOCKET, SO_RCVBUF, size, "SO_RCVBUF");
}

// A descriptor for questions.
class Query {
 public:
  explicit Query(int family) : socket_(socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    if (socket_ < 0) throw_error("socket");
  }
  ~Query() { close(socket_); }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  int get() const noexcept { return socket_; }

 private:
  int socket_;
};

CapturePlace place_named(const std::string& name) {
  const Query query(AF_INET);
  ifreq request = {};
  name.copy(request.ifr_name, IFNAMSIZ - 1);
  if (ioctl(query.get(), SIOCGIFHWADDR, &request) != 0) throw_error(name.c_str());
  const int hardware = request.ifr_hwaddr.sa_family;
  CapturePlace place = {.interface = name, .loopback = hardware == ARPHRD_LOOPBACK};
  if (hardware != ARPHRD_LOOPBACK && hardware != ARPHRD_ETHER) place.link = LinkType::raw_ip;
  place.index = static_cast<int>(if_nametoindex(name.c_str()));
  if (place.index == 0) throw_error(name.c_str());
  return place;
}

// Our own address on the way to `address`: connecting a datagram socket sends nothing.
net::Address local_address_towards(const net::Address& address) {
  const Query query(address.family() == net::AddressFamily::ipv4 ? AF_INET : AF_INET6);
  if (connect(query.get(), static_cast<const sockaddr*>(address.raw()),
              static_cast<socklen_t>(address.raw_size())) != 0) {
    throw_error(address.text().c_str());
  }
  sockaddr_storage local = {};
  socklen_t size = sizeof(local);
  if (getsockname(query.get(), reinterpret_cast<sockaddr*>(&local), &size) != 0) {
    throw_error("getsockname");
  }
  net::Address found = net::Address::from_raw(&local, size);
  found.set_port(0);
  return found;
}

std::string interface_with(const net::Address& wanted) {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) throw_error("getifaddrs");
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(list, freeifaddrs);
  for (const ifaddrs* item = list; item != nullptr; item = item->ifa_next) {
    if (item->ifa_addr == nullptr) continue;
    const bool v4 = item->ifa_addr->sa_family == AF_INET;
    if (!v4 && item->ifa_addr->sa_family != AF_INET6) continue;
    const std::size_t size = v4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    if (net::Address::from_raw(item->ifa_addr, size).ip() == wanted.ip()) return item->ifa_name;
  }
  return "lo";
}

// Where a jump of the filter goes is counted from the next instruction.
sock_filter load_half(unsigned at) { return BPF_STMT(BPF_LD | BPF_H | BPF_ABS, at); }
sock_filter load_byte(unsigned at) { return BPF_STMT(BPF_LD | BPF_B | BPF_ABS, at); }
sock_filter if_equal(unsigned value, std::uint8_t yes, std::uint8_t no) {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no);
}

// TCP over IPv4 or IPv6, from or to the port; `ip` is where the IP header begins. 17 takes all of
// the packet, 18 nothing.
std::array<sock_filter, 19> port_filter(unsigned ip, std::uint16_t port) {
  return {load_byte(ip),                               // 0: version
          BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 4),      // 1
          if_equal(6, 8, 0),                           // 2: IPv6: 11
          if_equal(4, 0, 14),                          // 3: neither: 18
          load_byte(ip + 9),                           // 4: protocol
          if_equal(IPPROTO_TCP, 0, 12),                // 5: else 18
          BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, ip),     // 6: X is the size of the header
          BPF_STMT(BPF_LD | BPF_H | BPF_IND, ip),      // 7: port it comes from
          if_equal(port, 8, 0),                        // 8: 17
          BPF_STMT(BPF_LD | BPF_H | BPF_IND, ip + 2),  // 9: port it goes to
          if_equal(port, 6, 7),                        // 10: 17, else 18
          load_byte(ip + 6),                           // 11: next header
          if_equal(IPPROTO_TCP, 0, 5),                 // 12: else 18
          load_half(ip + 40),                          // 13
          if_equal(port, 2, 0),                        // 14: 17
          load_half(ip + 42),                          // 15
          if_equal(port, 0, 1),                        // 16: 17, else 18
          BPF_STMT(BPF_RET | BPF_K, 0xFFFFFFFF),       // 17
          BPF_STMT(BPF_RET | BPF_K, 0)};               // 18
}

void attach_filter(int socket, const CapturePlace& place, std::uint16_t port) {
  auto filter = port_filter(place.link == LinkType::ethernet ? ETH_HLEN : 0, port);
  const sock_fprog program = {.len = static_cast<unsigned short>(filter.size()),
                              .filter = filter.data()};
  if (setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) != 0) {
    throw_error("SO_ATTACH_FILTER");
  }
}

void bind_to(int socket, const CapturePlace& place) {
  sockaddr_ll address = {};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = place.index;
  if (bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    throw_error(place.interface.c_str());
  }
}

}  // namespace

CapturePlace place_of(const std::string& interface) { return place_named(interface); }

CapturePlace place_towards(const net::Address& address) {
  return place_named(interface_with(local_address_towards(address)));
}

// Without a protocol it takes nothing before bind_to(), so that nothing comes from elsewhere.
PacketCapture::PacketCapture(const CapturePlace& place, std::uint16_t port)
    : socket_(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
      link_(place.link),
      buffer_(max_packet_size) {
  if (socket_ < 0) throw_error("AF_PACKET");
  try {
    attach_filter(socket_, place, port);
    ask_for_room(socket_);
    set_option(socket_, SOL_SOCKET, SO_TIMESTAMPNS, 1, "SO_TIMESTAMPNS");
    // On loopback each packet goes out and comes in.
    if (place.loopback) {
      set_option(socket_, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1, "PACKET_IGNORE_OUTGOING");
    }
    wait_for_stamps();
    bind_to(socket_, place);
  } catch (...) {
    close(socket_);
    throw;
  }
}

PacketCapture::~PacketCapture() { close(socket_); }

bool PacketCapture::read(std::chrono::milliseconds timeout, std::vector<CapturedPacket>& out) {
  pollfd waited = {.fd = socket_, .events = POLLIN, .revents = 0};
  if (poll(&waited, 1, static_cast<int>(timeout.count())) <= 0) return false;
  std::size_t count = 0;
  while (count < most_at_once && read_one(out)) ++count;
  return count > 0;
}

bool PacketCapture::read_one(std::vector<CapturedPacket>& out) {
  sockaddr_ll from = {};
  iovec piece = {.iov_base = buffer_.data(), .iov_len = buffer_.size()};
  alignas(cmsghdr) std::array<char, 256> control = {};
  msghdr message = {};
  message.msg_name = &from;
  message.msg_namelen = sizeof(from);
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t size = recvmsg(socket_, &message, MSG_TRUNC);
  if (size < 0) return false;
  CapturedPacket packet;
  packet.time = stamp_of(message);
  packet.link = link_;
  packet.sent_size = static_cast<std::size_t>(size);
  const Bytes bytes = Bytes(buffer_).first(std::min(packet.sent_size, buffer_.size()));
  packet.bytes.assign(bytes.begin(), bytes.end());
  packet.heading = from.sll_pkttype == PACKET_OUTGOING ? Heading::outbound : Heading::inbound;
  out.push_back(std::move(packet));
  return true;
}

std::uint32_t PacketCapture::take_dropped() noexcept {
  tpacket_stats statistics = {};
  socklen_t size = sizeof(statistics);
  const int result = getsockopt(socket_, SOL_PACKET, PACKET_STATISTICS, &statistics, &size);
  return result == 0 ? statistics.tp_drops : 0;
}

}  // namespace duplex::tools::trace
