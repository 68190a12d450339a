// One end of the link as the emulator sees it.
#include "port.h"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>

#include "interfaces.h"

namespace duplex::tools::wire {
namespace {

constexpr int buffer_size = 8 << 20;  // bytes that wait while the emulator is busy

// As large as it may be: only root may have more than the system's limit.
void set_buffer(int socket, int option, int option_of_root) {
  if (setsockopt(socket, SOL_SOCKET, option_of_root, &buffer_size, sizeof buffer_size) == 0) return;
  setsockopt(socket, SOL_SOCKET, option, &buffer_size, sizeof buffer_size);
}

sockaddr_ll address_of(unsigned interface) {
  sockaddr_ll address = {};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_IP);
  address.sll_ifindex = static_cast<int>(interface);
  address.sll_halen = sizeof hardware_address;
  std::copy(std::begin(hardware_address), std::end(hardware_address), address.sll_addr);
  return address;
}

}  // namespace

Port Port::on_interface(const std::string& name) {
  const unsigned index = index_of(name);
  Descriptor socket =
      own(::socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "AF_PACKET");
  set_buffer(socket.get(), SO_RCVBUF, SO_RCVBUFFORCE);
  set_buffer(socket.get(), SO_SNDBUF, SO_SNDBUFFORCE);
  const sockaddr_ll address = address_of(index);
  if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw_unavailable("AF_PACKET on " + name, errno);
  }
  return Port(std::move(socket), index);
}

ssize_t Port::read(std::span<std::byte> buffer) const {
  const ssize_t size = ::read(fd_.get(), buffer.data(), buffer.size());
  return size < 0 ? -errno : size;
}

bool Port::write(std::span<const std::byte> packet) const {
  if (interface_ == 0) return ::write(fd_.get(), packet.data(), packet.size()) >= 0;
  const sockaddr_ll address = address_of(interface_);
  return sendto(fd_.get(), packet.data(), packet.size(), MSG_DONTWAIT,
                reinterpret_cast<const sockaddr*>(&address), sizeof address) >= 0;
}

}  // namespace duplex::tools::wire
