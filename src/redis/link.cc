// A connection to Redis that is made again when it is lost; see link.h.
//
// The timer is always armed, until the link is closed: arming again then needs no memory, so that
// no shortage of it ends the attempts.
#include "redis/link.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/later.h"
#include "net/error.h"

namespace duplex::redis {

using std::chrono::milliseconds;

SharedBytes encode(const Command& command) {
  return std::make_shared<const std::vector<std::byte>>(codec::write_resp_command(command));
}

Link::Link(net::Reactor& reactor, Url url, const ClientOptions& options, LinkOwner& owner)
    : reactor_(reactor),
      url_(std::move(url)),
      options_(options),
      owner_(owner),
      name_(name_of(url_)) {
  arm(milliseconds(0));
}

void Link::arm(milliseconds delay) { reactor_.arm(*this, later(reactor_.now(), delay)); }

void Link::close() noexcept {
  state_ = State::closed;
  reactor_.disarm(*this);
  dialer_.reset();
  if (stream_) stream_->close();
}

// --- Connecting ----------------------------------------------------------------------------------

void Link::on_timer() {
  arm(options_.max_reconnect_delay);
  switch (state_) {
    case State::waiting:
      return dial();
    case State::up:
      return check_silence();
    default:
      go_down(net::sentence([&] { return "no connection to " + name_ + " in time"; }),
              std::make_error_code(std::errc::timed_out));
  }
}

void Link::dial() {
  state_ = State::dialing;
  arm(options_.connect_timeout);
  try {
    auto& owner = static_cast<endpoint::DialerOwner&>(*this);
    dialer_ = std::make_unique<endpoint::Dialer>(reactor_, owner);
    dialer_->start(url_.place, later(reactor_.fair_now(), options_.connect_timeout));
  } catch (...) {
    go_down({}, net::error_of_exception());
  }
}

void Link::on_dial_failed(std::error_code error, const std::string& why) {
  go_down(net::sentence([&] { return "cannot connect to " + name_ + ": " + why; }), error);
}

// The stream of the connection before closed in an earlier turn: nothing of it is on the stack.
void Link::on_dialed(int fd) {
  dialer_.reset();
  stream_.emplace(reactor_, static_cast<net::StreamOwner&>(*this));
  try {
    if (const std::error_code error = stream_->open(fd)) return go_down({}, error);
    reader_.emplace(options_.reply);
    greet();
  } catch (...) {
    go_down({}, net::error_of_exception());
  }
}

// PING says whether Redis serves us: it may be loading, or want a password that we have not got.
void Link::greet() {
  state_ = State::greeting;
  greetings_left_ = 0;
  const auto say = [&](const Command& command) {
    stream_->queue().append(encode(command));
    ++greetings_left_;
  };
  if (!url_.password.empty() && url_.user.empty()) say({"AUTH", url_.password});
  if (!url_.user.empty()) say({"AUTH", url_.user, url_.password});
  if (!url_.database.empty()) say({"SELECT", url_.database});
  say({"PING"});
  stream_->request_flush();
}

void Link::take_greeting(const codec::RespValue& reply) {
  if (!reply.says("OK") && !reply.says("PONG")) {
    const std::string& why = reply.is_error() ? reply.text : std::string("it speaks out of turn");
    return go_down(name_ + " does not serve us: " + why);
  }
  if (--greetings_left_ > 0) return;
  state_ = State::up;
  attempts_ = 0;
  asked_ = false;
  arm(options_.ping_interval);
  owner_.on_link_up();
}

// --- Replies -------------------------------------------------------------------------------------

MutableBytes Link::on_bytes(MutableBytes bytes) {
  heard_ = true;
  Bytes input = bytes;
  while (is_connected()) {
    auto reply = reader_->next(input);
    if (!reply) {
      fail(reply.error().message);
    } else if (*reply) {
      take(**std::move(reply));
    } else {
      break;
    }
  }
  return {};
}

void Link::take(codec::RespValue reply) {
  if (state_ == State::greeting) return take_greeting(reply);
  owner_.on_reply(std::move(reply));
}

void Link::send(const SharedBytes& command) {
  stream_->queue().append(command);
  stream_->request_flush();
}

// A peer that has vanished says nothing: it is asked once, then given up.
void Link::check_silence() {
  if (!heard_ && asked_) {
    return go_down(net::sentence([&] { return name_ + " gives no sign of life"; }),
                   std::make_error_code(std::errc::timed_out));
  }
  asked_ = !std::exchange(heard_, false);
  arm(asked_ ? options_.ping_timeout : options_.ping_interval);
  if (asked_) owner_.on_silence();
}

// --- The end of a connection ---------------------------------------------------------------------

void Link::on_end_of_stream() {
  go_down(net::sentence([&] { return name_ + " closed the connection"; }));
}

void Link::on_closed(std::error_code error) {
  go_down(
      net::sentence([&] { return "the connection to " + name_ + " broke: " + error.message(); }),
      error);
}

void Link::fail(std::string why) noexcept {
  go_down(net::sentence([&] { return "what " + name_ + " sends makes no sense: " + why; }),
          std::make_error_code(std::errc::protocol_error));
}

milliseconds Link::next_delay() {
  const auto doubled = options_.reconnect_delay * (std::int64_t{1} << std::min(attempts_, 20U));
  const milliseconds longest = std::min(doubled, options_.max_reconnect_delay);
  std::array<std::byte, 4> random = {};
  // Without random bytes it is the whole of it.
  if (reactor_.kernel().random(random) < 0) return longest;
  std::uint64_t fraction = 0;
  for (const std::byte each : random) fraction = fraction << 8 | std::to_integer<unsigned>(each);
  const auto half = static_cast<std::uint64_t>(longest.count() / 2);
  return longest - milliseconds(static_cast<std::int64_t>(half * fraction >> 32));
}

void Link::go_down(std::string message, std::error_code error) noexcept {
  if (state_ == State::closed || state_ == State::waiting) return;
  state_ = State::waiting;
  dialer_.reset();
  if (stream_) stream_->close();
  if (message.empty()) message = net::sentence([&] { return name_ + ": " + error.message(); });
  arm(next_delay());
  ++attempts_;
  owner_.on_link_down({.message = std::move(message), .error = error});
}

}  // namespace duplex::redis
