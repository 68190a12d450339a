// Network interfaces of the namespace that this process is in: by ioctl, and a pair of veth by
// netlink. Each throws Unavailable.
#pragma once

#include <net/if.h>

#include <cstdint>
#include <string>

#include "descriptor.h"

namespace duplex::tools::wire {

// The address of both ends of a veth link: neither has to ask who the other is.
inline constexpr std::uint8_t hardware_address[6] = {0x02, 0, 0, 0, 0, 0x77};

void bring_up(const std::string& name);
// `address` is IPv4, of a network of 24 bits.
void give_address(const std::string& name, const std::string& address, std::uint64_t mtu);
unsigned index_of(const std::string& name);

// A TUN interface: who reads the descriptor gets the IP packets that are sent to it.
Descriptor make_tun(const std::string& name);

// `near` in this namespace, `far` in the other one.
void make_veth(const std::string& near, const std::string& far, const Descriptor& other);
// Packets that leave by a veth are as they would be on a cable: no longer than the MTU, with their
// checksums; and it does not ask for the far end's hardware address.
void make_cable_like(const std::string& name);

}  // namespace duplex::tools::wire
