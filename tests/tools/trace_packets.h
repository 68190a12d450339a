// Packets made by hand: Ethernet, IPv4 or IPv6, TCP, with right checksums.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "../../tools/duplex/capture/captured_packet.h"
#include "../../tools/duplex/capture/checksum.h"

namespace duplex::tools::trace {

struct PacketPlan {
  bool from_client = true;
  std::string_view flags = "A";  // of S, A, F, R, P
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgement = 0;
  std::string_view payload = {};
  std::string_view options = {};  // of TCP; a multiple of 4 bytes
  std::uint16_t window = 1000;
  int version = 4;
  std::chrono::microseconds time{0};
};

inline constexpr std::uint16_t client_port = 40000;
inline constexpr std::uint16_t server_port = 9001;

inline void add16(std::string& out, std::size_t value) {
  out += static_cast<char>(value >> 8 & 0xFF);
  out += static_cast<char>(value & 0xFF);
}
inline void add32(std::string& out, std::uint32_t value) {
  add16(out, value >> 16);
  add16(out, value & 0xFFFF);
}

inline std::string tcp_segment(const PacketPlan& plan) {
  std::string tcp;
  add16(tcp, plan.from_client ? client_port : server_port);
  add16(tcp, plan.from_client ? server_port : client_port);
  add32(tcp, plan.sequence);
  add32(tcp, plan.acknowledgement);
  tcp += static_cast<char>((20 + plan.options.size()) / 4 << 4);
  const std::string_view names = "FSRPA";
  unsigned flags = 0;
  for (const char c : plan.flags) flags |= 1U << names.find(c);
  tcp += static_cast<char>(flags);
  add16(tcp, plan.window);
  add32(tcp, 0);  // checksum, urgent pointer
  return tcp + std::string(plan.options) + std::string(plan.payload);
}

// 10.0.0.1 is the client, 10.0.0.2 the server.
inline std::string ipv4_packet(const PacketPlan& plan, std::string_view segment) {
  std::string ip = {'\x45', '\0'};
  add16(ip, 20 + segment.size());
  add32(ip, 0x12344000);  // identification, DF
  ip += '\x40';
  ip += '\x06';
  add16(ip, 0);
  add32(ip, plan.from_client ? 0x0A000001 : 0x0A000002);
  add32(ip, plan.from_client ? 0x0A000002 : 0x0A000001);
  return ip + std::string(segment);
}

// fd00::1 and fd00::2.
inline std::string ipv6_packet(const PacketPlan& plan, std::string_view segment,
                               std::string_view extensions = {}, std::uint8_t next = 6) {
  std::string ip = {'\x60', '\0', '\0', '\0'};
  add16(ip, extensions.size() + segment.size());
  ip += static_cast<char>(next);
  ip += '\x40';
  for (const bool first : {plan.from_client, !plan.from_client}) {
    ip += std::string("\xfd", 1) + std::string(14, '\0') + (first ? '\x01' : '\x02');
  }
  return ip + std::string(extensions) + std::string(segment);
}

inline std::string ethernet(std::string_view ip, std::uint16_t type) {
  std::string frame = "\x02\x02\x02\x02\x02\x02\x04\x04\x04\x04\x04\x04";
  add16(frame, type);
  return frame + std::string(ip);
}

inline std::vector<std::byte> to_bytes(std::string_view text) {
  const Bytes bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

inline CapturedPacket make_packet(const PacketPlan& plan) {
  const std::string segment = tcp_segment(plan);
  const std::string ip =
      plan.version == 4 ? ipv4_packet(plan, segment) : ipv6_packet(plan, segment);
  CapturedPacket packet;
  packet.time = plan.time;
  packet.bytes = to_bytes(ethernet(ip, plan.version == 4 ? 0x0800 : 0x86DD));
  packet.sent_size = packet.bytes.size();
  const auto read = read_packet(packet.link, packet.bytes);
  if (read) write_checksums(*read, packet.bytes);
  return packet;
}

}  // namespace duplex::tools::trace
