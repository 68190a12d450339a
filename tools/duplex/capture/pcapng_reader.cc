// pcapng: a file of blocks, each of which says its length twice.
#include "pcapng_reader.h"

#include <algorithm>
#include <limits>

#include "byte_order.h"

namespace duplex::tools::trace {
namespace {

constexpr std::uint32_t section_header = 0x0A0D0D0A;
constexpr std::uint32_t interface_description = 1;
constexpr std::uint32_t simple_packet = 3;
constexpr std::uint32_t enhanced_packet = 6;
constexpr std::uint32_t byte_order_magic = 0x1A2B3C4D;

constexpr std::size_t padded_size(std::size_t size) noexcept { return (size + 3) / 4 * 4; }

// if_tsresol: a power of ten, or of two with the highest bit set. 0 when it is beyond 64 bits.
std::uint64_t ticks_per_second(std::uint8_t resolution) noexcept {
  const unsigned exponent = resolution & 0x7F;
  if ((resolution & 0x80) != 0) return exponent < 64 ? std::uint64_t{1} << exponent : 0;
  if (exponent > 19) return 0;
  std::uint64_t ticks = 1;
  for (unsigned i = 0; i < exponent; ++i) ticks *= 10;
  return ticks;
}

std::chrono::nanoseconds to_nanoseconds(std::uint64_t ticks, std::uint64_t per_second,
                                        std::int64_t offset) noexcept {
  const auto seconds = static_cast<std::int64_t>(ticks / per_second);
  const auto rest = static_cast<long double>(ticks % per_second);
  const auto fraction =
      static_cast<std::int64_t>(rest * 1e9L / static_cast<long double>(per_second) + 0.5L);
  // What does not fit into 292 years is no time of a packet.
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max() / 1'000'000'000 - 1;
  const std::int64_t shifted =
      std::clamp(std::clamp(seconds, std::int64_t{0}, most) + std::clamp(offset, -most, most),
                 std::int64_t{0}, most);
  return std::chrono::nanoseconds(shifted * 1'000'000'000 + fraction);
}

}  // namespace

Result<Capture, CaptureFault> PcapngReader::read() {
  Block block;
  while (next_block(block)) {
    if (!take(block)) break;
    at_ = next_;
  }
  if (!fault_.what.empty()) return Failure{std::move(fault_)};
  return std::move(capture_);
}

bool PcapngReader::fail(std::string what) {
  fault_ = {.what = std::move(what), .offset = at_};
  return false;
}

std::uint16_t PcapngReader::number16(Bytes bytes, std::size_t at) const noexcept {
  return big_ ? read_big<std::uint16_t>(bytes, at) : read_little<std::uint16_t>(bytes, at);
}

std::uint32_t PcapngReader::number32(Bytes bytes, std::size_t at) const noexcept {
  return big_ ? read_big<std::uint32_t>(bytes, at) : read_little<std::uint32_t>(bytes, at);
}

// The byte order is each section's own, and must be known before its length is.
bool PcapngReader::begin_section() {
  const Bytes rest = file_.subspan(at_);
  for (const bool big : {false, true}) {
    big_ = big;
    if (number32(rest, 8) != byte_order_magic) continue;
    interfaces_.clear();
    return true;
  }
  return fail("a section header without its byte-order magic");
}

bool PcapngReader::next_block(Block& block) {
  const Bytes rest = file_.subspan(at_);
  if (rest.empty()) return false;
  if (rest.size() < 12) {
    capture_.remark = "the file ends within a block";
    return false;
  }
  block.type = number32(rest, 0);
  if (block.type == section_header && !begin_section()) return false;
  const std::size_t size = number32(rest, 4);
  if (size < 12 || size % 4 != 0) {
    return fail("a block of " + std::to_string(size) + " bytes; a multiple of 4 from 12 on");
  }
  if (size > rest.size()) {
    capture_.remark = "the file ends within a block";
    return false;
  }
  if (number32(rest, size - 4) != size) return fail("a block that gives two lengths for itself");
  block.body = rest.subspan(8, size - 12);
  next_ = at_ + size;
  return true;
}

bool PcapngReader::take(const Block& block) {
  switch (block.type) {
    case section_header:
      if (block.body.size() < 16) return fail("a section header of less than 28 bytes");
      return number16(block.body, 4) == 1 || fail("a major version other than 1");
    case interface_description:
      return describe_interface(block.body);
    case enhanced_packet:
      return take_packet(block.body);
    case simple_packet:
      return take_simple_packet(block.body);
    default:
      return true;  // names, statistics, what others have made up
  }
}

template <class Visit>
void PcapngReader::for_each_option(Bytes options, Visit visit) const {
  while (options.size() >= 4) {
    const std::uint16_t code = number16(options, 0);
    const std::size_t size = number16(options, 2);
    if (code == 0 || options.size() - 4 < size) return;
    visit(code, options.subspan(4, size));
    options = options.subspan(std::min(options.size(), 4 + padded_size(size)));
  }
}

bool PcapngReader::describe_interface(Bytes body) {
  if (body.size() < 8) return fail("an interface description of less than 20 bytes");
  if (interfaces_.size() == max_interface_count) {
    return fail("more than " + std::to_string(max_interface_count) + " interfaces");
  }
  Interface interface;
  interface.link = static_cast<LinkType>(number16(body, 0));
  for_each_option(body.subspan(8), [&](std::uint16_t code, Bytes value) {
    if (code == 9 && value.size() == 1) {
      interface.ticks_per_second = ticks_per_second(read_byte(value, 0));
    } else if (code == 14 && value.size() == 8) {
      interface.offset = static_cast<std::int64_t>(big_ ? read_big<std::uint64_t>(value, 0)
                                                        : read_little<std::uint64_t>(value, 0));
    }
  });
  if (interface.ticks_per_second == 0) return fail("an if_tsresol beyond 64 bits");
  interfaces_.push_back(interface);
  return true;
}

bool PcapngReader::add(CapturedPacket packet, std::size_t size, Bytes data) {
  if (size > max_packet_size) {
    return fail("a packet of " + std::to_string(size) + " bytes; at most " +
                std::to_string(max_packet_size) + " are read");
  }
  if (size > data.size()) return fail("a packet that is longer than its block");
  const Bytes bytes = data.first(size);
  packet.bytes.assign(bytes.begin(), bytes.end());
  packet.sent_size = std::max(packet.sent_size, size);
  capture_.packets.push_back(std::move(packet));
  return true;
}

bool PcapngReader::take_packet(Bytes body) {
  if (body.size() < 20) return fail("a packet block of less than 32 bytes");
  const std::uint32_t index = number32(body, 0);
  if (index >= interfaces_.size()) return fail("a packet of an interface that is not described");
  const Interface& interface = interfaces_[index];
  const std::uint64_t ticks = std::uint64_t{number32(body, 4)} << 32 | number32(body, 8);
  const std::size_t size = number32(body, 12);
  CapturedPacket packet;
  packet.time = to_nanoseconds(ticks, interface.ticks_per_second, interface.offset);
  packet.link = interface.link;
  packet.sent_size = number32(body, 16);
  const Bytes data = body.subspan(20);
  const Bytes options = data.subspan(std::min(data.size(), padded_size(size)));
  for_each_option(options, [&](std::uint16_t code, Bytes value) {
    if (code == 1) packet.comment = as_text(value);
    if (code != 2 || value.size() != 4) return;
    const std::uint32_t heading = number32(value, 0) & 3;
    if (heading != 3) packet.heading = static_cast<Heading>(heading);
  });
  return add(std::move(packet), size, data);
}

bool PcapngReader::take_simple_packet(Bytes body) {
  if (body.size() < 4) return fail("a simple packet block of less than 16 bytes");
  if (interfaces_.empty()) return fail("a packet of an interface that is not described");
  CapturedPacket packet;
  packet.link = interfaces_.front().link;
  packet.sent_size = number32(body, 0);
  const Bytes data = body.subspan(4);
  return add(std::move(packet), std::min(packet.sent_size, data.size()), data);
}

}  // namespace duplex::tools::trace
