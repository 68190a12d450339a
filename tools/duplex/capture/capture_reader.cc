// pcap files, and which reader a file is for.
#include "capture_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "byte_order.h"
#include "pcapng_reader.h"

namespace duplex::tools::trace {
namespace {

constexpr std::size_t file_header_size = 24;
constexpr std::size_t record_header_size = 16;

struct Form {
  bool big = false;
  std::uint64_t tick = 1000;  // nanoseconds
};

// The magic number says the byte order and what the fractions of a second are.
std::optional<Form> form_of(Bytes file) {
  if (file.size() < 4) return std::nullopt;
  for (const bool big : {false, true}) {
    const auto magic = big ? read_big<std::uint32_t>(file, 0) : read_little<std::uint32_t>(file, 0);
    if (magic == 0xA1B2C3D4) return Form{.big = big, .tick = 1000};
    if (magic == 0xA1B23C4D) return Form{.big = big, .tick = 1};
  }
  return std::nullopt;
}

class PcapReader {
 public:
  PcapReader(Bytes file, Form form) : file_(file), form_(form) {}

  Result<Capture, CaptureFault> read() {
    if (file_.size() < file_header_size) {
      return Failure{CaptureFault{"the file ends within its header", file_.size()}};
    }
    // The upper bits say things about checksums of the link.
    link_ = static_cast<LinkType>(number(20) & 0xFFFF);
    std::size_t at = file_header_size;
    Capture capture;
    while (at < file_.size()) {
      if (file_.size() - at < record_header_size) return cut(std::move(capture));
      const std::size_t size = number(at + 8);
      if (size > max_packet_size) {
        return Failure{CaptureFault{"a packet of " + std::to_string(size) + " bytes; at most " +
                                        std::to_string(max_packet_size) + " are read",
                                    at}};
      }
      if (file_.size() - at - record_header_size < size) return cut(std::move(capture));
      capture.packets.push_back(packet(at, size));
      at += record_header_size + size;
    }
    return capture;
  }

 private:
  std::uint32_t number(std::size_t at) const noexcept {
    return form_.big ? read_big<std::uint32_t>(file_, at) : read_little<std::uint32_t>(file_, at);
  }

  CapturedPacket packet(std::size_t at, std::size_t size) const {
    const std::uint64_t nanoseconds =
        number(at) * std::uint64_t{1'000'000'000} + number(at + 4) * form_.tick;
    const Bytes bytes = file_.subspan(at + record_header_size, size);
    CapturedPacket packet;
    packet.time = std::chrono::nanoseconds(static_cast<std::int64_t>(nanoseconds));
    packet.link = link_;
    packet.bytes.assign(bytes.begin(), bytes.end());
    packet.sent_size = std::max<std::size_t>(number(at + 12), size);
    return packet;
  }

  static Capture cut(Capture capture) {
    capture.remark = "the file ends within a packet";
    return capture;
  }

  Bytes file_;
  Form form_;
  LinkType link_ = LinkType::ethernet;
};

}  // namespace

Result<Capture, CaptureFault> read_capture(Bytes file) {
  if (const auto form = form_of(file)) return PcapReader(file, *form).read();
  if (file.size() >= 4 && read_big<std::uint32_t>(file, 0) == 0x0A0D0D0A) {
    return PcapngReader(file).read();
  }
  return Failure{CaptureFault{"neither a pcapng nor a pcap file", 0}};
}

}  // namespace duplex::tools::trace
