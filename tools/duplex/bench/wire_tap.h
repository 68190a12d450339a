// Who counts the clients' bytes on the wire: a capture where it is allowed, else TCP itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capture_watch.h"
#include "socket_meter.h"

namespace duplex::tools {

// Owner: `bench`; there before the first connection, on which each packet counts.
class WireTap {
 public:
  // `wish`: "auto", or one of both. Of the clients of `kernel` that connect to `servers`. Throws
  // std::system_error when "capture" is not allowed.
  WireTap(std::string_view wish, MeteredKernel& kernel, const std::vector<std::string>& servers);
  ~WireTap();
  WireTap(const WireTap&) = delete;
  WireTap& operator=(const WireTap&) = delete;

  WireWatch& watch() noexcept;
  std::string source();  // "AF_PACKET on lo"; with TCP_INFO: why there is no capture
  double cpu_seconds() { return capture_ ? capture_->cpu_seconds() : 0; }

 private:
  void start_capture(std::string_view wish, const std::vector<std::string>& servers);

  MeteredKernel& kernel_;
  SocketMeter sockets_;
  std::optional<CaptureWatch> capture_;
  std::string refusal_;
};

}  // namespace duplex::tools
