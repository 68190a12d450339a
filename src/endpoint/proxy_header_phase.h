// The beginning of a connection from a listed proxy that speaks the PROXY protocol; HTTP follows.
#pragma once

#include <memory>

#include "endpoint/http_phase.h"
#include "endpoint/peer.h"
#include "endpoint/phase.h"
#include "endpoint/server_impl.h"
#include "http/proxy_header.h"

namespace duplex::endpoint {

class ProxyHeaderPhase final : public Phase {
 public:
  ProxyHeaderPhase(Peer& peer, Server::Impl& server) noexcept : peer_(peer), server_(server) {}

  void start() override;
  MutableBytes on_bytes(MutableBytes bytes) override;
  std::unique_ptr<Phase> take_successor() override { return std::move(successor_); }
  void hand_over(Phase& successor) override;
  // Nothing has been asked yet: whatever ends the connection ends it without a word.
  void on_end_of_stream() override { peer_.drop(); }
  void on_drained() override {}
  void on_timer() override { peer_.drop(); }
  void on_closed(std::error_code) override {}
  void drain() override { peer_.drop(); }

 private:
  Peer& peer_;
  Server::Impl& server_;
  http::ProxyHeaderReader reader_;
  std::unique_ptr<HttpPhase> successor_;
};

}  // namespace duplex::endpoint
