// The clients' packets as they pass the interface.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "../capture/packet_capture.h"
#include "wire_ledger.h"

namespace duplex::tools {

// A thread of usual priority reads what AF_PACKET has kept, so that no client waits for it: on a
// busy machine that may be long after the block, to which a packet belongs by the kernel's stamp.
// Owner: `bench`; it must be there before the first connection.
class CaptureWatch final : public WireWatch {
 public:
  // Of all packets to and from these addresses, on the interface that leads to the first one.
  // Throws std::system_error: EPERM where capturing is not allowed.
  explicit CaptureWatch(const std::vector<net::Address>& servers);
  ~CaptureWatch() override;
  CaptureWatch(const CaptureWatch&) = delete;
  CaptureWatch& operator=(const CaptureWatch&) = delete;

  void begin_block() override;
  void end_block() override;
  bool has_counted() override;
  std::optional<WireBytes> block() override;
  std::string source();  // "AF_PACKET on lo"
  double cpu_seconds();  // that the thread has used so far

 private:
  struct Window {
    std::int64_t begin = 0;
    std::int64_t end = 0;
  };

  void read_until_stopped();
  bool drain();  // false while more waits in the kernel
  void add(const trace::CapturedPacket& packet, const Window& window);

  std::string interface_;
  std::vector<std::unique_ptr<trace::PacketCapture>> captures_;
  // Marks of the bench: nanoseconds of the system's clock, as the kernel stamps packets.
  std::atomic<std::int64_t> begin_ = 0;
  std::atomic<std::int64_t> end_ = 0;
  // The thread's own, until it has counted a block.
  WireLedger ledger_;
  std::int64_t block_begin_ = 0;
  WireBytes block_ = {};
  bool is_complete_ = true;
  std::atomic<std::int64_t> counted_ = 0;  // the block that began then
  std::atomic<std::uint64_t> dropped_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace duplex::tools
