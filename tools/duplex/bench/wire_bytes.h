// What a block's packets were made of. Pure.
#pragma once

#include <initializer_list>
#include <optional>

namespace duplex::tools {

// Bytes as an Ethernet carries them, both ways: 14 bytes of its header for each packet, also where
// the interface has none; neither preamble nor checksum.
struct WireBytes {
  double content = 0;           // what TCP carried beside heads: events, and what frames them
  double heads = 0;             // of HTTP; where only TCP_INFO speaks, these are in `content`
  double packet_headers = 0;    // of packets with content or heads, and whole SYNs and FINs
  double acknowledgements = 0;  // packets that do nothing else
  double empty_polls = 0;       // all that polls cost which brought no event
  double sent_again = 0;        // packets whose content had come before
  double packets = 0;           // a count

  double total() const noexcept {
    return content + heads + packet_headers + acknowledgements + empty_polls + sent_again;
  }
  WireBytes& operator+=(const WireBytes& other) noexcept {
    content += other.content;
    heads += other.heads;
    packet_headers += other.packet_headers;
    acknowledgements += other.acknowledgements;
    empty_polls += other.empty_polls;
    sent_again += other.sent_again;
    packets += other.packets;
    return *this;
  }
  WireBytes& operator-=(const WireBytes& other) noexcept { return *this += other * -1; }
  friend WireBytes operator*(WireBytes bytes, double factor) noexcept {
    for (double WireBytes::*const part :
         {&WireBytes::content, &WireBytes::heads, &WireBytes::packet_headers,
          &WireBytes::acknowledgements, &WireBytes::empty_polls, &WireBytes::sent_again,
          &WireBytes::packets}) {
      bytes.*part *= factor;
    }
    return bytes;
  }
};

// Told around each block, and asked afterwards what the clients' packets were. Nothing here waits:
// whoever did would be late for the events. Whoever watches names its source.
class WireWatch {
 public:
  virtual ~WireWatch() = default;
  virtual void begin_block() = 0;
  virtual void end_block() = 0;
  // Every packet of the block has been counted. Asked after end_block().
  virtual bool has_counted() = 0;
  // Of the packets between the two; nothing when some of them were lost. Asked once it has counted.
  virtual std::optional<WireBytes> block() = 0;
};

}  // namespace duplex::tools
