// Clients that are pushed to.
#include "push_arms.h"

#include <algorithm>
#include <utility>

#include "../feed_event.h"

namespace duplex::tools {
namespace {

// The newest event at once, so that a client holds what the polling ones hold; then all that
// follow.
std::string feed_url(const std::string& start, const ArmSettings& settings) {
  if (settings.newest == 0) return start;
  return start + "?after=" + std::to_string(settings.newest - 1);
}

}  // namespace

WebSocketArm::WebSocketArm(measure::Transport transport, EventLoop& loop,
                           const ArmSettings& settings, ArmHandlers handlers)
    : Arm(std::move(handlers)),
      deflate_(transport == measure::Transport::websocket_deflate),
      loop_(loop),
      client_(loop) {
  ConnectOptions options;
  if (deflate_) options.deflate.emplace();
  for (std::size_t i = 0; i < settings.client_count; ++i) {
    ClientHandlers each;
    each.on_failure = [this](const OpeningFailure& failure) { handlers_.fail(failure.message); };
    each.websocket.on_open = [this](Connection&, const http::Request& answered) { open(answered); };
    each.websocket.on_message = [this, i](Connection&, Message message) {
      handlers_.deliver(i, message.text(), loop_.kernel().now());
    };
    each.websocket.on_close = [this](Connection&, const CloseEvent&) {
      handlers_.fail("the server closed a WebSocket");
    };
    client_.connect(feed_url("ws://" + settings.http + "/feed/ws", settings), std::move(each),
                    options);
  }
}

// A client may only know by the answer's fields whether the server compresses: RFC 6455 4.1.
void WebSocketArm::open(const http::Request& answered) {
  if (deflate_ && !answered.fields.find("Sec-WebSocket-Extensions")) {
    return handlers_.fail(
        "the server does not agree to permessage-deflate: `duplex serve` needs --deflate");
  }
  ++ready_count_;
}

StreamArm::StreamArm(EventLoop& loop, const ArmSettings& settings, ArmHandlers handlers)
    : Arm(std::move(handlers)), loop_(loop), client_(loop) {
  for (std::size_t i = 0; i < settings.client_count; ++i) {
    SseHandlers each;
    each.on_open = [this] { ++ready_count_; };
    each.on_event = [this, i](const SseEvent& event) {
      handlers_.deliver(i, event.data, loop_.kernel().now());
    };
    each.on_error = [this](const HttpFailure& failure) {
      handlers_.fail("event stream: " + failure.message);
      return false;
    };
    sources_.push_back(std::make_unique<EventSource>(
        client_, feed_url("http://" + settings.http + "/feed/sse", settings), std::move(each)));
  }
}

EchoArm::EchoArm(measure::Transport transport, EventLoop& loop, const ArmSettings& settings,
                 ArmHandlers handlers, measure::Random random)
    : Arm(std::move(handlers)),
      loop_(loop),
      closed_(transport == measure::Transport::closed_echo),
      event_size_(settings.event_size),
      content_(content_of(settings.content).value_or(ContentKind::letter), settings.event_size,
               settings.seed),
      schedule_(settings.schedule, random),
      client_(loop) {
  for (std::size_t i = 0; i < settings.client_count; ++i) {
    ClientHandlers each;
    each.on_failure = [this](const OpeningFailure& failure) { handlers_.fail(failure.message); };
    each.websocket.on_open = [this, count = settings.client_count](Connection&,
                                                                   const http::Request&) {
      if (++ready_count_ == count) start_sending();
    };
    each.websocket.on_message = [this, i](Connection&, Message message) {
      handlers_.deliver(i, message.text(), loop_.kernel().now());
      answered();
    };
    each.websocket.on_close = [this](Connection&, const CloseEvent&) {
      handlers_.fail("the server closed a WebSocket");
    };
    connections_.push_back(client_.connect("ws://" + settings.http + "/echo", std::move(each)));
  }
}

EchoArm::~EchoArm() { stop_sending(); }

void EchoArm::stop_sending() {
  stopped_ = true;
  loop_.cancel(std::exchange(timer_, TimerId::none));
}

void EchoArm::start_sending() {
  start_ = loop_.now();
  next_ = start_ + schedule_.next();
  arm_timer();
}

void EchoArm::arm_timer() {
  const auto delay = std::max(next_ - loop_.now(), net::Clock::duration::zero());
  timer_ = loop_.run_after(delay, [this] {
    timer_ = TimerId::none;
    if (closed_) return send(loop_.kernel().now());
    send_due();
    arm_timer();
  });
}

void EchoArm::send_due() {
  for (; next_ <= loop_.now(); next_ = start_ + schedule_.next()) send(next_);
}

void EchoArm::send(net::Clock::time_point generated) {
  ++sent_;
  const std::string line = encode_event({.id = sent_,
                                         .generated = generated.time_since_epoch(),
                                         .emitted = loop_.kernel().now().time_since_epoch()},
                                        event_size_, content_.text(sent_));
  unanswered_ = connections_.size();
  for (const ConnectionId id : connections_) {
    if (Connection* const peer = client_.find(id)) peer->send_text(line);
  }
}

// Each gap of the schedule begins when the last client has its answer.
void EchoArm::answered() {
  if (!closed_ || unanswered_ == 0 || --unanswered_ != 0 || stopped_) return;
  start_ += loop_.now() - next_;
  next_ = start_ + schedule_.next();
  arm_timer();
}

}  // namespace duplex::tools
