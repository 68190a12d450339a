// Turns a host into addresses without stopping the loop.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <system_error>

#include "net/reactor.h"

namespace duplex::net {

class ResolverOwner {
 public:
  // At least one, in the order in which they should be tried. May destroy the resolver.
  virtual void on_resolved(std::span<const Address> addresses) = 0;
  virtual void on_resolve_failed(std::error_code error) = 0;

 protected:
  ~ResolverOwner() = default;
};

// One look-up at a time. Literals and "localhost" (127.0.0.1, then ::1) need no look-up; a name
// gets a thread of its own, which nobody waits for: it may outlive the resolver and the loop.
// Owner: a client. Thread: the loop's.
class Resolver final : private Timer {
 public:
  static constexpr std::size_t max_addresses = 8;

  Resolver(Reactor& reactor, ResolverOwner& owner) noexcept : reactor_(reactor), owner_(owner) {}
  ~Resolver() override { cancel(); }

  // The answer comes in a later turn, never from inside this call. Throws std::bad_alloc only.
  void start(const std::string& host, std::uint16_t port);
  void cancel() noexcept;  // no answer will come
  bool busy() const noexcept { return armed() || look_up_ != nullptr; }

 private:
  struct Answer {
    int count = 0;  // of addresses, or minus the errno
    std::array<Address, max_addresses> addresses = {};
  };
  // Shared with the thread, which never touches what only the loop's thread may.
  struct LookUp {
    Resolver* resolver = nullptr;  // the loop's thread only; null once cancelled
    Answer answer = {};            // the thread's until it posts
  };

  void on_timer() override { deliver(); }
  void answer_literal(const std::string& host, std::uint16_t port);
  void look_up(const std::string& host, std::uint16_t port);
  void deliver();

  Reactor& reactor_;
  ResolverOwner& owner_;
  Answer answer_;
  std::shared_ptr<LookUp> look_up_;
};

}  // namespace duplex::net
