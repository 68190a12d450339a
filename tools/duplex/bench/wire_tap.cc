// Who counts the clients' bytes on the wire.
#include "wire_tap.h"

#include <system_error>

#include "../address_text.h"

namespace duplex::tools {

WireTap::WireTap(std::string_view wish, MeteredKernel& kernel,
                 const std::vector<std::string>& servers)
    : kernel_(kernel) {
  if (wish != "tcp-info") start_capture(wish, servers);
  if (!capture_) kernel_.report_to(&sockets_);
}

WireTap::~WireTap() { kernel_.report_to(nullptr); }

void WireTap::start_capture(std::string_view wish, const std::vector<std::string>& servers) {
  try {
    std::vector<net::Address> addresses;
    for (const std::string& each : servers) addresses.push_back(resolve_address(kernel_, each));
    capture_.emplace(addresses);
  } catch (const std::system_error& error) {
    if (wish == "capture") throw std::system_error(error.code(), "--wire-bytes capture");
    refusal_ = error.code().message();
  }
}

WireWatch& WireTap::watch() noexcept {
  if (capture_) return *capture_;
  return sockets_;
}

std::string WireTap::source() {
  if (capture_) return capture_->source();
  return "TCP_INFO of the clients' sockets" +
         (refusal_.empty() ? "" : " (AF_PACKET: " + refusal_ + ")");
}

}  // namespace duplex::tools
