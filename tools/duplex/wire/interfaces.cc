// Network interfaces: ioctl and netlink.
#include "interfaces.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>

namespace duplex::tools::wire {
namespace {

constexpr int transmit_queue = 10'000;  // packets, while the emulator is busy

ifreq request_for(const std::string& name) {
  ifreq request = {};
  name.copy(request.ifr_name, IFNAMSIZ - 1);
  return request;
}

void call(unsigned long number, ifreq& request, const char* what) {
  const Descriptor socket = own(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
  if (ioctl(socket.get(), number, &request) != 0) {
    throw_unavailable(std::string(what) + " of " + request.ifr_name, errno);
  }
}

void change_flags(const std::string& name, int added) {
  ifreq request = request_for(name);
  call(SIOCGIFFLAGS, request, "flags");
  request.ifr_flags = static_cast<short>(request.ifr_flags | added);
  call(SIOCSIFFLAGS, request, "flags");
}

// Only root may; without, the queue is as long as the kernel makes it.
void lengthen_queue(const std::string& name) {
  ifreq request = request_for(name);
  request.ifr_qlen = transmit_queue;
  const Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ioctl(socket.get(), SIOCSIFTXQLEN, &request);
}

void set_ipv4(unsigned long number, const std::string& name, const std::string& address) {
  ifreq request = request_for(name);
  sockaddr_in ipv4 = {};
  ipv4.sin_family = AF_INET;
  inet_pton(AF_INET, address.c_str(), &ipv4.sin_addr);
  std::memcpy(&request.ifr_addr, &ipv4, sizeof ipv4);
  call(number, request, "address");
}

void turn_off(const std::string& name, std::uint32_t feature) {
  ifreq request = request_for(name);
  ethtool_value off = {.cmd = feature, .data = 0};
  request.ifr_data = reinterpret_cast<char*>(&off);
  call(SIOCETHTOOL, request, "offloads");
}

}  // namespace

void bring_up(const std::string& name) { change_flags(name, IFF_UP); }

void give_address(const std::string& name, const std::string& address, std::uint64_t mtu) {
  ifreq request = request_for(name);
  request.ifr_mtu = static_cast<int>(mtu);
  call(SIOCSIFMTU, request, "MTU");
  lengthen_queue(name);
  set_ipv4(SIOCSIFADDR, name, address);
  set_ipv4(SIOCSIFNETMASK, name, "255.255.255.0");
  bring_up(name);
}

unsigned index_of(const std::string& name) {
  const unsigned index = if_nametoindex(name.c_str());
  if (index == 0) throw_unavailable(name, errno);
  return index;
}

Descriptor make_tun(const std::string& name) {
  Descriptor tun = own(open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC), "/dev/net/tun");
  ifreq request = request_for(name);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  if (ioctl(tun.get(), TUNSETIFF, &request) != 0) throw_unavailable("TUNSETIFF", errno);
  return tun;
}

void make_cable_like(const std::string& name) {
  for (const std::uint32_t feature :
       {std::uint32_t{ETHTOOL_STSO}, std::uint32_t{ETHTOOL_SGRO}, std::uint32_t{ETHTOOL_STXCSUM}}) {
    turn_off(name, feature);
  }
  ifreq request = request_for(name);
  request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
  std::memcpy(request.ifr_hwaddr.sa_data, hardware_address, sizeof hardware_address);
  call(SIOCSIFHWADDR, request, "hardware address");
  change_flags(name, IFF_NOARP);
}

}  // namespace duplex::tools::wire
