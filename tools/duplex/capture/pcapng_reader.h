// Reads pcapng files, block by block. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "capture_reader.h"

namespace duplex::tools::trace {

// Owner: read_capture(). `file` must outlive it.
class PcapngReader {
 public:
  explicit PcapngReader(Bytes file) : file_(file) {}

  Result<Capture, CaptureFault> read();

 private:
  struct Interface {
    LinkType link = LinkType::ethernet;
    std::uint64_t ticks_per_second = 1'000'000;
    std::int64_t offset = 0;  // seconds, of all its timestamps
  };
  struct Block {
    std::uint32_t type = 0;
    Bytes body = {};
  };

  bool next_block(Block& block);
  bool take(const Block& block);
  bool begin_section();
  bool describe_interface(Bytes body);
  bool take_packet(Bytes body);         // Enhanced Packet Block
  bool take_simple_packet(Bytes body);  // Simple Packet Block: no time
  bool add(CapturedPacket packet, std::size_t captured_size, Bytes data);
  template <class Visit>
  void for_each_option(Bytes options, Visit visit) const;

  std::uint16_t number16(Bytes bytes, std::size_t at) const noexcept;
  std::uint32_t number32(Bytes bytes, std::size_t at) const noexcept;
  bool fail(std::string what);

  Bytes file_;
  std::size_t at_ = 0;  // of the block that is read
  std::size_t next_ = 0;
  bool big_ = false;
  std::vector<Interface> interfaces_ = {};
  Capture capture_ = {};
  CaptureFault fault_ = {};
};

}  // namespace duplex::tools::trace
