// Connects to the first of several addresses that works (RFC 8305 section 5).
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <system_error>

#include "net/descriptor.h"
#include "net/reactor.h"

namespace duplex::net {

class ConnectorOwner {
 public:
  // The owner of `fd` is now the called one. Either call may destroy the connector.
  virtual void on_connected(int fd, const Address& peer) = 0;
  // What the first address failed with, or ETIMEDOUT at the deadline.
  virtual void on_connect_failed(std::error_code error) = 0;

 protected:
  ~ConnectorOwner() = default;
};

// The next address is tried when the one before has failed, or has had 250 ms without an answer and
// goes on beside it. TCP sockets get TCP_NODELAY. Owner: a client. Thread: the loop's.
class Connector final : private Timer {
 public:
  static constexpr std::size_t max_addresses = 8;  // more are ignored

  Connector(Reactor& reactor, ConnectorOwner& owner) noexcept;
  ~Connector() override { cancel(); }

  // The answer comes in a later turn, never from inside this call. Throws std::bad_alloc only.
  void start(std::span<const Address> addresses, Clock::time_point deadline);
  void cancel() noexcept;  // no answer will come
  bool busy() const noexcept { return armed(); }

 private:
  struct Attempt final : ReadyHandler {
    void on_ready(std::uint32_t events) override { connector->on_answer(*this, events); }

    Connector* connector = nullptr;
    Address address = {};
    Descriptor socket = {};
    WatchId id = WatchId::none;  // none while it waits to be tried again
  };

  void on_timer() override;
  void on_answer(Attempt& attempt, std::uint32_t events);

  void start_next();
  void retry_waiting();
  std::error_code open(Attempt& attempt);
  std::error_code connect(Attempt& attempt);
  std::error_code check(Attempt& attempt, std::uint32_t events);
  void close(Attempt& attempt) noexcept;
  void record(std::error_code error) noexcept;
  bool pending() const noexcept;
  void arm_timer();
  void succeed(Attempt& attempt);
  void fail(std::error_code error);

  Reactor& reactor_;
  ConnectorOwner& owner_;
  std::array<Attempt, max_addresses> attempts_;
  std::size_t count_ = 0;
  std::size_t next_ = 0;  // the first that has not been tried
  Clock::time_point deadline_ = {};
  Clock::time_point next_start_ = {};
  Clock::time_point retry_at_ = Clock::time_point::max();
  std::error_code first_error_;
};

}  // namespace duplex::net
