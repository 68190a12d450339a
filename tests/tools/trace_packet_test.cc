// Headers of packets: what they say, and that nothing is read beyond them.
#include <gtest/gtest.h>

#include "../../tools/duplex/capture/packet.h"
#include "../support/guard_page.h"
#include "trace_packets.h"

namespace duplex::tools::trace {
namespace {

constexpr std::string_view syn_options(
    "\x02\x04\x05\xb4"                          // MSS 1460
    "\x04\x02"                                  // SACK
    "\x08\x0a\x00\x00\x00\x07\x00\x00\x00\x09"  // timestamps 7 and 9
    "\x01\x03\x03\x0a",                         // window scale 10
    20);

std::string text_of(const CapturedPacket& packet) { return std::string(as_text(packet.bytes)); }

PacketError error_of(LinkType link, std::string_view bytes) {
  const auto packet = read_packet(link, as_bytes(bytes));
  EXPECT_FALSE(packet);
  return packet ? PacketError::not_ip : packet.error();
}

TEST(TracePacket, ReadsIpv4) {
  const auto captured = make_packet({.flags = "SA",
                                     .sequence = 4000000000,
                                     .acknowledgement = 17,
                                     .payload = "hello",
                                     .options = syn_options,
                                     .window = 512});
  const auto packet = read_packet(captured.link, captured.bytes);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->from.text(), "10.0.0.1:40000");
  EXPECT_EQ(packet->to.text(), "10.0.0.2:9001");
  EXPECT_EQ(packet->ip.version, 4);
  EXPECT_EQ(packet->ip.hop_limit, 64);
  EXPECT_EQ(packet->ip.identification, 0x1234);
  EXPECT_TRUE(packet->ip.dont_fragment);
  EXPECT_EQ(packet->ip.total_size, 65U);
  EXPECT_EQ(packet->tcp.sequence, 4000000000);
  EXPECT_EQ(packet->tcp.acknowledgement, 17U);
  EXPECT_TRUE(packet->tcp.syn && packet->tcp.ack);
  EXPECT_FALSE(packet->tcp.fin || packet->tcp.rst || packet->tcp.psh || packet->tcp.urg);
  EXPECT_EQ(packet->tcp.window, 512);
  EXPECT_EQ(as_text(packet->payload), "hello");
  EXPECT_TRUE(packet->complete());
  EXPECT_EQ(packet->ethernet->from, (MacAddress{4, 4, 4, 4, 4, 4}));
  EXPECT_EQ(packet->ethernet->to, (MacAddress{2, 2, 2, 2, 2, 2}));
}

TEST(TracePacket, ReadsTcpOptions) {
  const TcpOptions options = read_tcp_options(as_bytes(syn_options));
  EXPECT_EQ(options.max_segment_size, 1460);
  EXPECT_EQ(options.window_scale, 10);
  EXPECT_TRUE(options.sack_permitted);
  ASSERT_TRUE(options.timestamps);
  EXPECT_EQ(options.timestamps->value, 7U);
  EXPECT_EQ(options.timestamps->echo, 9U);
  EXPECT_FALSE(options.malformed);
  const TcpOptions sack = read_tcp_options(
      as_bytes({"\x05\x0a\x00\x00\x00\x01\x00\x00\x00\x05\xfe\x03\x00\x00\x02\x04", 16}));
  ASSERT_EQ(sack.sack.size(), 1U);
  EXPECT_EQ(sack.sack[0].begin, 1U);
  EXPECT_EQ(sack.sack[0].end, 5U);
  EXPECT_EQ(sack.unknown_count, 1U);
  EXPECT_FALSE(sack.max_segment_size) << "what follows the end is no option";
}

TEST(TracePacket, NoticesMalformedOptions) {
  for (const std::string_view bytes :
       {std::string_view("\x02", 1), std::string_view("\x02\x01", 2),
        std::string_view("\x02\x00", 2), std::string_view("\x02\x05\x05\xb4", 4)}) {
    const TcpOptions options = read_tcp_options(as_bytes(bytes));
    EXPECT_TRUE(options.malformed);
    EXPECT_FALSE(options.max_segment_size);
  }
  const TcpOptions odd = read_tcp_options(as_bytes({"\x02\x03\x05\x05\x05\x01\x02\x03", 8}));
  EXPECT_EQ(odd.unknown_count, 2U) << "known kinds of a wrong size";
}

TEST(TracePacket, ReadsIpv6WithExtensions) {
  const PacketPlan plan = {.payload = "hi", .version = 6};
  const std::string hop_by_hop("\x2b\x00\x01\x04\x00\x00\x00\x00", 8);
  const std::string routing("\x06\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 16);
  const std::string ip = ipv6_packet(plan, tcp_segment(plan), hop_by_hop + routing, 0);
  const auto packet = read_packet(LinkType::raw_ip, as_bytes(ip));
  ASSERT_TRUE(packet) << describe(packet.error());
  EXPECT_EQ(packet->from.text(), "[fd00::1]:40000");
  EXPECT_EQ(packet->ip.header_size, 64U);
  EXPECT_EQ(as_text(packet->payload), "hi");
  EXPECT_FALSE(packet->ethernet);
  const std::string fragment = ipv6_packet(plan, tcp_segment(plan), "", 44);
  EXPECT_EQ(error_of(LinkType::raw_ip, fragment), PacketError::ip_fragment);
  const std::string udp = ipv6_packet(plan, tcp_segment(plan), "", 17);
  EXPECT_EQ(error_of(LinkType::raw_ip, udp), PacketError::not_tcp);
}

TEST(TracePacket, KnowsWhatLinksBeginWith) {
  const std::string ip = text_of(make_packet({.payload = "x"})).substr(14);
  const auto payload = [](LinkType link, const std::string& bytes) {
    const auto packet = read_packet(link, as_bytes(bytes));
    return packet ? std::string(as_text(packet->payload)) : "none";
  };
  EXPECT_EQ(payload(LinkType::raw_ipv4, ip), "x");
  EXPECT_EQ(payload(LinkType::linux_cooked, std::string(14, '\0') + "\x08" + '\0' + ip), "x");
  EXPECT_EQ(payload(LinkType::linux_cooked_2, "\x08" + std::string(19, '\0') + ip), "x");
  EXPECT_EQ(payload(LinkType::null_loopback, std::string("\x02\0\0\0", 4) + ip), "x");
  const std::string vlan = std::string(12, '\x01') + "\x81" + std::string("\0\0\x05\x08\0", 5) + ip;
  EXPECT_EQ(payload(LinkType::ethernet, vlan), "x");
  EXPECT_EQ(payload(static_cast<LinkType>(147), ip), "none");
}

TEST(TracePacket, LeavesThePaddingOfEthernetOut) {
  const std::string bytes = text_of(make_packet({})) + std::string(6, '\0');
  const auto packet = read_packet(LinkType::ethernet, as_bytes(bytes));
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->payload_size, 0U);
}

TEST(TracePacket, SaysWhyItCannotRead) {
  std::string bytes = text_of(make_packet({.payload = "hello"}));
  const auto with = [&](std::size_t at, char value) {
    std::string changed = bytes;
    changed[at] = value;
    return error_of(LinkType::ethernet, changed);
  };
  EXPECT_EQ(with(13, 6), PacketError::not_ip);              // ARP
  EXPECT_EQ(with(14, 0x55), PacketError::ip_malformed);     // version 5
  EXPECT_EQ(with(14, 0x44), PacketError::ip_malformed);     // a header of 16 bytes
  EXPECT_EQ(with(17, 19), PacketError::ip_malformed);       // a packet of 19 bytes
  EXPECT_EQ(with(20, 0x20), PacketError::ip_fragment);      // more fragments
  EXPECT_EQ(with(21, 0x01), PacketError::ip_fragment);      // an offset
  EXPECT_EQ(with(23, 17), PacketError::not_tcp);            // UDP
  EXPECT_EQ(with(46, 0x40), PacketError::tcp_malformed);    // a header of 16 bytes
  EXPECT_EQ(with(46, '\xF0'), PacketError::tcp_malformed);  // longer than the packet
}

// Whatever is cut off, and whatever is where a length was: an answer, and no byte too far.
TEST(TracePacket, StaysWithinAnyBytes) {
  support::GuardPage page(256);
  for (const int version : {4, 6}) {
    const std::string bytes = text_of(make_packet(
        {.flags = "S", .payload = "hello", .options = syn_options, .version = version}));
    std::size_t read = 0;
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
      const auto packet = read_packet(LinkType::ethernet, page.place(bytes.substr(0, size)));
      if (!packet) continue;
      ++read;
      EXPECT_EQ(packet->complete(), size == bytes.size());
    }
    EXPECT_EQ(read, 6U) << "the payload may be cut, headers may not";
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      for (int value = 0; value < 256; ++value) {
        std::string changed = bytes;
        changed[at] = static_cast<char>(value);
        const auto packet = read_packet(LinkType::ethernet, page.place(changed));
        EXPECT_TRUE(!packet || packet->payload.size() <= changed.size());
      }
    }
  }
}

TEST(TraceChecksum, IsThatOfTheRfc) {
  // RFC 1071 section 3.
  EXPECT_EQ(ones_complement_sum(as_bytes({"\x00\x01\xf2\x03\xf4\xf5\xf6\xf7", 8})), 0xDDF2);
  EXPECT_EQ(ones_complement_sum(as_bytes("\x01")), 0x0100);
}

TEST(TraceChecksum, IsFinishedWhereItWasLeftToACard) {
  for (const int version : {4, 6}) {
    for (const std::string_view payload : {"", "hello", "hello!"}) {
      CapturedPacket captured = make_packet({.payload = payload, .version = version});
      const auto packet = read_packet(captured.link, captured.bytes);
      ASSERT_TRUE(packet);
      EXPECT_EQ(tcp_checksum_state(*packet, captured.bytes), ChecksumState::right);
      const std::vector<std::byte> right = captured.bytes;
      captured.bytes[packet->tcp_offset + 17] ^= std::byte{1};
      EXPECT_EQ(tcp_checksum_state(*packet, captured.bytes), ChecksumState::wrong);
      write_checksums(*packet, captured.bytes);
      EXPECT_EQ(captured.bytes, right);
    }
  }
}

TEST(TraceChecksum, KnowsThatOfThePseudoHeaderAloneAndNone) {
  CapturedPacket captured = make_packet({.payload = "hello"});
  // 10.0.0.1, 10.0.0.2, protocol 6, 25 bytes: 0A00 + 0001 + 0A00 + 0002 + 0006 + 0019.
  captured.bytes[50] = std::byte{0x14};
  captured.bytes[51] = std::byte{0x22};
  auto packet = read_packet(captured.link, captured.bytes);
  ASSERT_TRUE(packet);
  EXPECT_EQ(tcp_checksum_state(*packet, captured.bytes), ChecksumState::unfinished);
  captured.bytes[50] = captured.bytes[51] = std::byte{0};
  EXPECT_EQ(tcp_checksum_state(*packet, captured.bytes), ChecksumState::unfinished);
  packet = read_packet(captured.link, Bytes(captured.bytes).first(57));
  ASSERT_TRUE(packet);
  EXPECT_EQ(tcp_checksum_state(*packet, captured.bytes), ChecksumState::unknown);
}

}  // namespace
}  // namespace duplex::tools::trace
