// Clients that are pushed to: WebSocket and Server-Sent Events; and the WebSocket echo.
#pragma once

#include <memory>
#include <vector>

#include "../event_content.h"
#include "arm.h"

namespace duplex::tools {

class WebSocketArm final : public Arm {
 public:
  // With websocket_deflate it fails unless the server agrees to compress.
  WebSocketArm(measure::Transport transport, EventLoop& loop, const ArmSettings& settings,
               ArmHandlers handlers);

 private:
  void open(const http::Request& answered);

  bool deflate_;
  EventLoop& loop_;
  Client client_;
};

class StreamArm final : public Arm {
 public:
  StreamArm(EventLoop& loop, const ArmSettings& settings, ArmHandlers handlers);

 private:
  EventLoop& loop_;
  HttpClient client_;
  std::vector<std::unique_ptr<EventSource>> sources_;
};

// Sends on an open-loop schedule, whatever has come back: what is late counts as latency. The
// closed echo sends the next one a gap after the last answer instead, and so leaves out all that
// it would have sent meanwhile: coordinated omission.
class EchoArm final : public Arm {
 public:
  EchoArm(measure::Transport transport, EventLoop& loop, const ArmSettings& settings,
          ArmHandlers handlers, measure::Random random);
  ~EchoArm() override;

  std::optional<std::uint64_t> newest_event() const noexcept override { return sent_; }
  void stop_sending() override;

 private:
  void start_sending();
  void arm_timer();
  void send_due();
  void send(net::Clock::time_point generated);
  void answered();

  EventLoop& loop_;
  bool closed_;
  std::size_t event_size_;
  EventContent content_;
  measure::Schedule schedule_;
  net::Clock::time_point start_ = {};
  net::Clock::time_point next_ = {};
  std::uint64_t sent_ = 0;
  bool stopped_ = false;
  std::size_t unanswered_ = 0;  // of the closed one: clients whose answer is not there
  TimerId timer_ = TimerId::none;
  Client client_;
  std::vector<ConnectionId> connections_;
};

}  // namespace duplex::tools
