// Packets as they pass an interface of this machine: AF_PACKET.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>
#include <vector>

#include "captured_packet.h"

namespace duplex::tools::trace {

// Where packets to and from a place pass.
struct CapturePlace {
  std::string interface = {};  // "lo"
  int index = 0;
  LinkType link = LinkType::ethernet;
  bool loopback = false;
};

// That interface of this machine. Throws std::system_error.
CapturePlace place_of(const std::string& interface);
// The interface that packets to `address` leave by. Throws std::system_error.
CapturePlace place_towards(const net::Address& address);

// All TCP segments from and to one port. The kernel puts the time on them. Owner and thread: one.
class PacketCapture {
 public:
  // Takes packets once the kernel puts the time on them, after a millisecond or some. Throws
  // std::system_error: EPERM where capturing is not allowed.
  PacketCapture(const CapturePlace& place, std::uint16_t port);
  ~PacketCapture();
  PacketCapture(const PacketCapture&) = delete;
  PacketCapture& operator=(const PacketCapture&) = delete;

  static constexpr std::size_t most_at_once = 256;
  // Waits at most `timeout` for the first one, and appends what is there, so many of them at most:
  // where they come faster than they are read there is no end. False: nothing came.
  bool read(std::chrono::milliseconds timeout, std::vector<CapturedPacket>& out);
  // Packets for which there was no room, since the last call.
  std::uint32_t take_dropped() noexcept;

 private:
  bool read_one(std::vector<CapturedPacket>& out);

  int socket_ = -1;
  LinkType link_;
  std::vector<std::byte> buffer_;
};

}  // namespace duplex::tools::trace
