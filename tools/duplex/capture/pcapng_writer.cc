// Section Header Block, Interface Description Blocks, Enhanced Packet Blocks.
#include "pcapng_writer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "byte_order.h"
#include "checksum.h"

namespace duplex::tools::trace {
namespace {

constexpr std::uint32_t section_header = 0x0A0D0D0A;
constexpr std::uint32_t interface_description = 1;
constexpr std::uint32_t enhanced_packet = 6;
constexpr std::uint32_t byte_order_magic = 0x1A2B3C4D;

constexpr std::uint16_t opt_comment = 1;
constexpr std::uint16_t shb_userappl = 4;
constexpr std::uint16_t if_name = 2;
constexpr std::uint16_t if_tsresol = 9;
constexpr std::uint16_t epb_flags = 2;

constexpr std::size_t max_option_size = 0xFFFF;

// The body of a block; its length is written before and behind it.
class Block {
 public:
  explicit Block(std::uint32_t type) : type_(type) {}

  template <class T>
  Block& number(T value) {
    append_little(body_, value);
    return *this;
  }

  Block& padded(Bytes bytes) {
    body_.insert(body_.end(), bytes.begin(), bytes.end());
    while (body_.size() % 4 != 0) body_.push_back(std::byte{0});
    return *this;
  }

  Block& option(std::uint16_t code, Bytes value) {
    has_options_ = true;
    return number(code).number(static_cast<std::uint16_t>(value.size())).padded(value);
  }

  // Nothing for an empty text.
  Block& option(std::uint16_t code, std::string_view text) {
    return text.empty() ? *this : option(code, as_bytes(whole_characters(text)));
  }

  std::vector<std::byte> finish() && {
    if (has_options_) number(std::uint32_t{0});  // opt_endofopt
    const auto size = static_cast<std::uint32_t>(body_.size() + 12);
    std::vector<std::byte> block;
    append_little(block, type_);
    append_little(block, size);
    block.insert(block.end(), body_.begin(), body_.end());
    append_little(block, size);
    return block;
  }

 private:
  // What fits into an option, without a part of a character.
  static std::string_view whole_characters(std::string_view text) {
    if (text.size() <= max_option_size) return text;
    std::size_t end = max_option_size;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    return text.substr(0, end);
  }

  std::uint32_t type_;
  std::vector<std::byte> body_ = {};
  bool has_options_ = false;
};

std::vector<std::byte> section_block(const CaptureAbout& about) {
  Block block(section_header);
  block.number(byte_order_magic).number(std::uint16_t{1}).number(std::uint16_t{0});
  block.number(~std::uint64_t{0});  // of unknown length
  return std::move(block.option(opt_comment, about.comment).option(shb_userappl, about.application))
      .finish();
}

std::vector<std::byte> interface_block(LinkType link, const CaptureAbout& about) {
  constexpr std::byte nanoseconds{9};  // 10 to the power of -9 seconds
  Block block(interface_description);
  block.number(static_cast<std::uint16_t>(link)).number(std::uint16_t{0});
  block.number(std::uint32_t{0});  // no limit to the bytes of a packet
  return std::move(
             block.option(if_name, about.interface).option(if_tsresol, Bytes(&nanoseconds, 1)))
      .finish();
}

// With checksums that somebody would have finished.
std::vector<std::byte> as_on_the_wire(const CapturedPacket& captured) {
  std::vector<std::byte> bytes = captured.bytes;
  const auto packet = read_packet(captured.link, bytes);
  if (packet && tcp_checksum_state(*packet, bytes) == ChecksumState::unfinished) {
    write_checksums(*packet, bytes);
  }
  return bytes;
}

std::vector<std::byte> packet_block(const CapturedPacket& packet, std::uint32_t interface) {
  const auto time = static_cast<std::uint64_t>(packet.time.count());
  const std::vector<std::byte> bytes = as_on_the_wire(packet);
  Block block(enhanced_packet);
  block.number(interface);
  block.number(static_cast<std::uint32_t>(time >> 32)).number(static_cast<std::uint32_t>(time));
  block.number(static_cast<std::uint32_t>(bytes.size()));
  block.number(static_cast<std::uint32_t>(std::max(packet.sent_size, bytes.size())));
  block.padded(bytes).option(opt_comment, packet.comment);
  if (packet.heading != Heading::unknown) {
    std::vector<std::byte> flags;
    append_little(flags, static_cast<std::uint32_t>(packet.heading));
    block.option(epb_flags, Bytes(flags));
  }
  return std::move(block).finish();
}

}  // namespace

std::string write_pcapng(std::span<const CapturedPacket> packets, const CaptureAbout& about) {
  std::string file(as_text(section_block(about)));
  std::vector<LinkType> interfaces;
  for (const CapturedPacket& packet : packets) {
    auto interface = std::find(interfaces.begin(), interfaces.end(), packet.link);
    if (interface == interfaces.end()) {
      file += as_text(interface_block(packet.link, about));
      interface = interfaces.insert(interface, packet.link);
    }
    const auto index = static_cast<std::uint32_t>(interface - interfaces.begin());
    file += as_text(packet_block(packet, index));
  }
  return file;
}

}  // namespace duplex::tools::trace
