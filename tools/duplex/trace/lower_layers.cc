// Ethernet and IP.
#include "lower_layers.h"

#include "explanations.h"
#include "words.h"

namespace duplex::tools::trace {
namespace {

std::string hex16(std::uint16_t number) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "0x";
  for (int shift = 12; shift >= 0; shift -= 4) text += digits[number >> shift & 15];
  return text;
}

}  // namespace

Line link_line(const Packet& packet) {
  Line line = {.layer = 2, .name = "NO LINK HEADER"};
  if (packet.ethernet) {
    const MacAddress nobody = {};
    const bool loopback = packet.ethernet->from == nobody && packet.ethernet->to == nobody;
    line.name = loopback ? "LOOPBACK" : "ETHERNET";
    line.what = mac_text(packet.ethernet->from) + " → " + mac_text(packet.ethernet->to) +
                "   header of " + bytes_text(packet.ip_offset);
    line.meaning = loopback ? "no cable, no cards: the addresses are zeros"
                            : "from card to card, as far as the next router";
  } else {
    line.what = packet.ip_offset == 0 ? "the packet begins with IP" : "a stand-in for the link";
    line.meaning = "there is no Ethernet here, or the capture has left it out";
  }
  line.explanation = explanation_of(line.name);
  return line;
}

Line network_line(const Packet& packet) {
  Line line = {.layer = 3, .name = packet.ip.version == 4 ? "IPv4" : "IPv6"};
  line.what = packet.from.host() + " → " + packet.to.host();
  line.what += packet.ip.version == 4 ? "   TTL " : "   hop limit ";
  line.what += std::to_string(packet.ip.hop_limit);
  if (packet.ip.version == 4) line.what += ", id " + hex16(packet.ip.identification);
  if (packet.ip.dont_fragment) line.what += ", DF";
  line.what += "   " + bytes_text(packet.ip.total_size) + ", of which " +
               std::to_string(packet.ip.header_size) + " are the header";
  line.meaning = "from machine to machine; at most " + std::to_string(packet.ip.hop_limit) +
                 " more routers may pass it on";
  line.explanation = explanation_of(line.name);
  return line;
}

}  // namespace duplex::tools::trace
