// Which packet belongs to which connection. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "../capture/packet.h"
#include "../frames/dialogue.h"

namespace duplex::tools::trace {

struct ConnectionSeen {
  net::Address client = {};  // who has sent the SYN, as far as it can be known
  net::Address server = {};
  bool from_start = false;  // its SYN has been seen
  std::size_t packet_count = 0;

  Side side_of(const Packet& packet) const {
    return packet.from == client ? Side::client : Side::server;
  }
};

// Owner: whoever reads a capture.
class ConnectionTable {
 public:
  // Where no SYN is seen: whoever has `server_port` is the server (0: whoever has the lower port).
  explicit ConnectionTable(std::uint16_t server_port = 0) : server_port_(server_port) {}

  // The place in all() of the packet's connection; a new one is added. The same two ends make a new
  // one when they open it again after it has ended.
  std::size_t find(const Packet& packet);
  const std::vector<ConnectionSeen>& all() const noexcept { return connections_; }

 private:
  using Ends = std::array<std::uint8_t, 36>;  // two addresses with ports, the lower one first
  struct Course {
    std::uint32_t first_sequence = 0;  // of the SYN
    bool ended = false;
  };

  static Ends ends_of(const Packet& packet);
  bool begins_again(std::size_t index, const Packet& packet) const;
  std::size_t add(const Packet& packet);
  bool sent_by_client(const Packet& packet) const;

  std::uint16_t server_port_;
  std::vector<ConnectionSeen> connections_ = {};
  std::vector<Course> courses_ = {};  // of each of them
  std::map<Ends, std::size_t> newest_ = {};
};

}  // namespace duplex::tools::trace
