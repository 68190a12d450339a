// The clients' packets as they pass the interface.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "../capture/packet_capture.h"
#include "wire_ledger.h"

namespace duplex::tools {

// A thread of usual priority reads what AF_PACKET has kept, so that no client waits for it. Owner:
// `bench`; it must be there before the first connection.
class CaptureWatch final : public WireWatch {
 public:
  // Of all packets to and from these addresses, on the interface that leads to the first one.
  // Throws std::system_error: EPERM where capturing is not allowed.
  explicit CaptureWatch(const std::vector<net::Address>& servers);
  ~CaptureWatch() override;
  CaptureWatch(const CaptureWatch&) = delete;
  CaptureWatch& operator=(const CaptureWatch&) = delete;

  void begin_block() override;
  WireBytes end_block() override;
  std::string source();  // "AF_PACKET on lo"
  double cpu_seconds();  // that the thread has used so far

 private:
  void read_until_stopped();
  void drain();  // with the mutex held

  std::string interface_;
  std::vector<std::unique_ptr<trace::PacketCapture>> captures_;
  std::mutex mutex_;  // of what follows
  WireLedger ledger_;
  WireBytes before_ = {};
  std::uint64_t dropped_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace duplex::tools
