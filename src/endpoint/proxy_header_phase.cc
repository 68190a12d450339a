// The PROXY protocol at the beginning of a connection; see proxy_header_phase.h.
#include "endpoint/proxy_header_phase.h"

#include <utility>

#include "base/later.h"

namespace duplex::endpoint {

void ProxyHeaderPhase::start() {
  const auto timeout = server_.options().http.head_timeout;
  if (timeout.count() != 0) peer_.arm(later(peer_.now(), timeout));
}

MutableBytes ProxyHeaderPhase::on_bytes(MutableBytes bytes) {
  using Status = http::ProxyHeaderReader::Status;
  const std::size_t taken = reader_.receive(bytes);
  if (reader_.status() == Status::needs_more) return {};
  successor_ = std::make_unique<HttpPhase>(peer_, server_);
  peer_.disarm();  // HTTP has deadlines of its own
  peer_.switch_soon();
  // After a fault, what follows may not be what it seems to be.
  return reader_.status() == Status::complete ? bytes.subspan(taken) : MutableBytes();
}

void ProxyHeaderPhase::hand_over(Phase& successor) {
  if (reader_.status() == http::ProxyHeaderReader::Status::complete) {
    return server_.note_proxied(peer_, reader_.client());
  }
  static_cast<HttpPhase&>(successor).refuse(400, http::describe(reader_.error()));
}

}  // namespace duplex::endpoint
