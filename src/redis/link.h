// A connection to Redis that is made again when it is lost: dials, makes itself known, watches for
// silence. What is sent and what answers mean is its owner's business.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include "duplex/base/send_queue.h"
#include "duplex/codec/resp.h"
#include "duplex/redis/client.h"
#include "endpoint/dialer.h"
#include "net/reactor.h"
#include "net/stream.h"
#include "redis/url.h"

namespace duplex::redis {

// Any of these calls may close the link; none may destroy it: that waits for the end of the turn.
class LinkOwner {
 public:
  virtual void on_link_up() = 0;  // Redis knows us: send() is possible
  virtual void on_reply(codec::RespValue reply) = 0;
  // The connection has gone or could not be made; another attempt follows. Must not throw.
  virtual void on_link_down(Error error) noexcept = 0;
  virtual void on_silence() = 0;  // send something that is answered

 protected:
  ~LinkOwner() = default;
};

// Owner: a client or a subscriber. Thread: the loop's.
class Link final : private net::StreamOwner, private net::Timer, private endpoint::DialerOwner {
 public:
  Link(net::Reactor& reactor, Url url, const ClientOptions& options, LinkOwner& owner);
  ~Link() override { close(); }

  bool is_up() const noexcept { return state_ == State::up; }
  // Only while it is up. Leaves at the end of the turn.
  void send(const SharedBytes& command);
  // What came makes no sense: gives the connection up. For on_reply() and on_silence() only.
  void fail(std::string why) noexcept;
  // For good, without a word.
  void close() noexcept;

 private:
  enum class State : std::uint8_t { waiting, dialing, greeting, up, closed };

  void on_dialed(int fd) override;
  void on_dial_failed(std::error_code error, const std::string& why) override;
  MutableBytes on_bytes(MutableBytes bytes) override;
  void on_end_of_stream() override;
  void on_drained() override {}
  void on_closed(std::error_code error) override;
  void on_timer() override;

  bool is_connected() const noexcept { return state_ == State::greeting || state_ == State::up; }
  void dial();
  void greet();
  void take(codec::RespValue reply);
  void take_greeting(const codec::RespValue& reply);
  void check_silence();
  void arm(std::chrono::milliseconds delay);
  std::chrono::milliseconds next_delay();
  void go_down(std::string message, std::error_code error = {}) noexcept;

  net::Reactor& reactor_;
  Url url_;
  const ClientOptions& options_;
  LinkOwner& owner_;
  std::string name_;
  std::unique_ptr<endpoint::Dialer> dialer_;
  std::optional<net::Stream> stream_;  // of the present connection, or the last one
  std::optional<codec::RespReader> reader_;
  State state_ = State::waiting;
  unsigned attempts_ = 0;        // since the link was up
  unsigned greetings_left_ = 0;  // answers to them
  bool heard_ = false;           // since the timer ran
  bool asked_ = false;           // for a sign of life
};

// The bytes of a command, as send() takes them.
SharedBytes encode(const Command& command);

}  // namespace duplex::redis
