// A client's connection until it speaks WebSocket: RFC 6455 section 4.1.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "duplex/endpoint/client.h"
#include "duplex/http/parser.h"
#include "duplex/http/url.h"
#include "endpoint/client_impl.h"
#include "endpoint/dialer.h"
#include "endpoint/peer.h"
#include "endpoint/phase.h"
#include "endpoint/web_socket_phase.h"

namespace duplex::endpoint {

// Dials, sends the request, and judges the answer; everything under one deadline.
class OpeningPhase final : public Phase, private DialerOwner {
 public:
  // `failure`, when not empty, says why the connection cannot even be tried.
  OpeningPhase(Peer& peer, Client::Impl& client, http::Url url, ClientHandlers handlers,
               ConnectOptions options, std::string failure);

  void start() override;
  MutableBytes on_bytes(MutableBytes bytes) override;
  void on_end_of_stream() override;
  void on_timer() override;
  void on_closed(std::error_code error) override;
  void drain() override { peer_.drop(); }
  std::unique_ptr<Phase> take_successor() override { return std::move(successor_); }
  void hand_over(Phase& successor) override;

 private:
  void on_dialed(int fd) override;
  void on_dial_failed(std::error_code error, const std::string& why) override;

  void send_request();
  void handle(const http::Event& event);
  void judge(const http::Response& response);
  void open(const http::Response& response);
  void gather_refusal(Bytes piece);
  void fail(std::string message, std::error_code error = {});

  Peer& peer_;
  Client::Impl& client_;
  http::Url url_;
  std::unique_ptr<WebSocketRoute> route_;
  std::function<void(const OpeningFailure&)> on_failure_;
  ConnectOptions options_;
  std::unique_ptr<Dialer> dialer_;
  http::ResponseParser parser_;
  std::string key_;  // Sec-WebSocket-Key
  OpeningFailure failure_;
  std::unique_ptr<Phase> successor_;
  int informational_count_ = 0;
  bool opened_ = false;
};

}  // namespace duplex::endpoint
