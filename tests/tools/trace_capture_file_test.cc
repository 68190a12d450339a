// Capture files: written, read, hostile.
#include <gtest/gtest.h>

#include "../../tools/duplex/capture/capture_reader.h"
#include "../../tools/duplex/capture/pcapng_writer.h"
#include "../support/guard_page.h"
#include "trace_packets.h"

namespace duplex::tools::trace {
namespace {

// A file in either byte order.
class FileBuilder {
 public:
  explicit FileBuilder(bool big) : big_(big) {}
  FileBuilder& n(std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
      text += static_cast<char>(value >> 8 * (big_ ? size - 1 - i : i) & 0xFF);
    }
    return *this;
  }
  FileBuilder& n16(std::uint64_t value) { return n(value, 2); }
  FileBuilder& n32(std::uint64_t value) { return n(value, 4); }
  FileBuilder& raw(std::string_view bytes) {
    text += bytes;
    return *this;
  }
  FileBuilder& block(std::uint32_t type, std::string_view body) {
    return n32(type).n32(12 + body.size()).raw(body).n32(12 + body.size());
  }
  std::string text = {};

 private:
  bool big_;
};

std::string section(bool big) {
  const std::string body =
      FileBuilder(big).n32(0x1A2B3C4D).n16(1).n16(0).n(~std::uint64_t{0}, 8).text;
  return FileBuilder(big).block(0x0A0D0D0A, body).text;
}

std::string interface(bool big, std::uint16_t link, std::string_view options = {}) {
  const std::string body = FileBuilder(big).n16(link).n16(0).n32(0).raw(options).text;
  return FileBuilder(big).block(1, body).text;
}

// With a time of 1 second, in microseconds.
std::string packet_block(bool big, std::uint32_t captured, std::string_view data,
                         std::uint64_t ticks = 1'000'000) {
  const std::string body = FileBuilder(big)
                               .n32(0)
                               .n32(ticks >> 32)
                               .n32(ticks & 0xFFFFFFFF)
                               .n32(captured)
                               .n32(captured)
                               .raw(data)
                               .text;
  return FileBuilder(big).block(6, body).text;
}

std::string fault_of(std::string_view file) {
  const auto capture = read_capture(as_bytes(file));
  return capture ? "none" : capture.error().what;
}

TEST(TraceCaptureFile, ReadsWhatItWrites) {
  std::vector<CapturedPacket> packets = {make_packet({.flags = "S"}),
                                         make_packet({.payload = "hello"})};
  packets[0].time = std::chrono::nanoseconds(1'700'000'000'123'456'789);
  packets[0].comment = "“May I talk to you?”\nyes";
  packets[0].heading = Heading::outbound;
  packets[1].sent_size = 1000;
  packets[1].link = LinkType::raw_ip;
  packets[1].bytes.erase(packets[1].bytes.begin(), packets[1].bytes.begin() + 14);
  const std::string file = write_pcapng(packets, {"duplex", "a comment", "lo"});
  const auto capture = read_capture(as_bytes(file));
  ASSERT_TRUE(capture) << capture.error().what;
  ASSERT_EQ(capture->packets.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    const CapturedPacket& read = capture->packets[i];
    EXPECT_EQ(read.bytes, packets[i].bytes);
    EXPECT_EQ(read.time, packets[i].time);
    EXPECT_EQ(read.link, packets[i].link);
    EXPECT_EQ(read.sent_size, packets[i].sent_size);
    EXPECT_EQ(read.heading, packets[i].heading);
    EXPECT_EQ(read.comment, packets[i].comment);
  }
  EXPECT_EQ(capture->remark, "");
}

TEST(TraceCaptureFile, FinishesChecksumsButRepairsNone) {
  const CapturedPacket right = make_packet({.payload = "hello"});
  CapturedPacket unfinished = right;
  unfinished.bytes[50] = std::byte{0x14};  // the pseudo-header alone
  unfinished.bytes[51] = std::byte{0x22};
  CapturedPacket wrong = right;
  wrong.bytes[50] ^= std::byte{0xFF};
  const std::vector<CapturedPacket> packets = {unfinished, wrong};
  const auto capture = read_capture(as_bytes(write_pcapng(packets, {})));
  ASSERT_TRUE(capture);
  EXPECT_EQ(capture->packets[0].bytes, right.bytes);
  EXPECT_EQ(capture->packets[1].bytes, wrong.bytes);
}

TEST(TraceCaptureFile, CutsAnEndlessCommentBetweenCharacters) {
  std::vector<CapturedPacket> packets = {make_packet({})};
  for (int i = 0; i < 40000; ++i) packets[0].comment += "ü";
  const auto capture = read_capture(as_bytes(write_pcapng(packets, {})));
  ASSERT_TRUE(capture);
  EXPECT_EQ(capture->packets[0].comment.size(), 65534U);
}

TEST(TraceCaptureFile, ReadsBothByteOrders) {
  for (const bool big : {false, true}) {
    // Nanoseconds, an hour later.
    const std::string options =
        FileBuilder(big).n16(9).n16(1).raw({"\x09\0\0\0", 4}).n16(14).n16(8).n(3600, 8).n32(0).text;
    const std::string file =
        section(big) + interface(big, 101, options) +
        packet_block(big, 2, {"ab\0\0", 4}, 5'000'000'001) +
        FileBuilder(big).block(0xBAD, "what others add.").text +
        FileBuilder(big).block(3, FileBuilder(big).n32(3).raw("xyz").n(0, 1).text).text;
    const auto capture = read_capture(as_bytes(file));
    ASSERT_TRUE(capture) << capture.error().what;
    ASSERT_EQ(capture->packets.size(), 2U);
    EXPECT_EQ(capture->packets[0].time, std::chrono::nanoseconds(3'605'000'000'001));
    EXPECT_EQ(capture->packets[0].link, LinkType::raw_ip);
    EXPECT_EQ(as_text(capture->packets[0].bytes), "ab");
    EXPECT_EQ(as_text(capture->packets[1].bytes), "xyz");
  }
}

TEST(TraceCaptureFile, ReadsOldFiles) {
  for (const bool big : {false, true}) {
    for (const std::uint64_t magic : {0xA1B2C3D4, 0xA1B23C4D}) {
      const std::string file = FileBuilder(big)
                                   .n32(magic)
                                   .n16(2)
                                   .n16(4)
                                   .n32(0)
                                   .n32(0)
                                   .n32(65535)
                                   .n32(1)
                                   .n32(7)
                                   .n32(5)
                                   .n32(3)
                                   .n32(60)
                                   .raw("abc")
                                   .text;
      const auto capture = read_capture(as_bytes(file));
      ASSERT_TRUE(capture) << capture.error().what;
      ASSERT_EQ(capture->packets.size(), 1U);
      const std::int64_t tick = magic == 0xA1B2C3D4 ? 1000 : 1;
      EXPECT_EQ(capture->packets[0].time.count(), 7'000'000'000 + 5 * tick);
      EXPECT_EQ(capture->packets[0].sent_size, 60U);
      const auto cut = read_capture(as_bytes(std::string_view(file).substr(0, file.size() - 1)));
      ASSERT_TRUE(cut);
      EXPECT_EQ(cut->remark, "the file ends within a packet");
    }
  }
}

TEST(TraceCaptureFile, RefusesLengthsThatCannotBe) {
  const std::string begin = section(false) + interface(false, 1);
  EXPECT_EQ(fault_of("GIF89a, no capture"), "neither a pcapng nor a pcap file");
  EXPECT_EQ(fault_of(""), "neither a pcapng nor a pcap file");
  const std::string at = FileBuilder(false).n32(6).text;
  EXPECT_EQ(fault_of(begin + at + FileBuilder(false).n32(8).n32(8).text),
            "a block of 8 bytes; a multiple of 4 from 12 on");
  EXPECT_EQ(fault_of(begin + at + FileBuilder(false).n32(13).n32(0).n32(0).text),
            "a block of 13 bytes; a multiple of 4 from 12 on");
  EXPECT_EQ(fault_of(begin + at + FileBuilder(false).n32(12).n32(16).text),
            "a block that gives two lengths for itself");
  EXPECT_EQ(fault_of(begin + packet_block(false, 5, "abcd")),
            "a packet that is longer than its block");
  EXPECT_EQ(fault_of(begin + packet_block(false, 0xFFFFFFFF, "abcd")),
            "a packet of 4294967295 bytes; at most 262144 are read");
  EXPECT_EQ(fault_of(section(false) + packet_block(false, 4, "abcd")),
            "a packet of an interface that is not described");
  const std::string resolution = FileBuilder(false).n16(9).n16(1).raw({"\x20\0\0\0", 4}).text;
  EXPECT_EQ(fault_of(section(false) + interface(false, 1, resolution)),
            "an if_tsresol beyond 64 bits");
  std::string many = section(false);
  for (std::size_t i = 0; i <= max_interface_count; ++i) many += interface(false, 1);
  EXPECT_EQ(fault_of(many), "more than 4096 interfaces");
  EXPECT_EQ(fault_of(FileBuilder(false).block(0x0A0D0D0A, std::string(16, '\x01')).text),
            "a section header without its byte-order magic");
}

// Cut anywhere, and any byte changed: packets or a fault, and no byte too far.
TEST(TraceCaptureFile, StaysWithinAnyBytes) {
  std::vector<CapturedPacket> packets = {make_packet({.payload = "hello"})};
  packets[0].comment = "text";
  const std::string file = write_pcapng(packets, {"duplex", "whole", "lo"});
  support::GuardPage page(4096);
  std::size_t complete = 0;
  for (std::size_t size = 0; size <= file.size(); ++size) {
    const auto capture = read_capture(page.place(file.substr(0, size)));
    complete += capture ? capture->packets.size() : 0;
  }
  EXPECT_EQ(complete, 1U) << "a packet only counts when its block is whole";
  for (std::size_t at = 0; at < file.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      std::string changed = file;
      changed[at] = static_cast<char>(value);
      const auto capture = read_capture(page.place(changed));
      EXPECT_TRUE(!capture || capture->packets.size() <= 1);
    }
  }
}

}  // namespace
}  // namespace duplex::tools::trace
