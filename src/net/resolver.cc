// Name look-up: a short-lived thread that posts its answer back.
#include "net/resolver.h"

#include <cassert>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <new>
#include <thread>
#include <utility>

#include "net/error.h"

namespace duplex::net {

namespace {

// Signals are for the threads that asked for them.
void block_signals() noexcept {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

// Without memory for the message it is sent again later: the loop waits for it.
void post_surely(Mailbox& mailbox, const Mailbox::Task& task) noexcept {
  for (;;) {
    try {
      mailbox.post(task);
      return;
    } catch (const std::bad_alloc&) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
}

}  // namespace

void Resolver::start(const std::string& host, std::uint16_t port) {
  assert(!busy());
  answer_ = {};
  answer_literal(host, port);
  if (answer_.count == 0) look_up(host, port);
  if (look_up_ == nullptr) reactor_.arm(*this, reactor_.now());
}

void Resolver::answer_literal(const std::string& host, std::uint16_t port) {
  const auto address = Address::parse(host, port);
  if (!address) return;
  answer_.addresses[0] = *address;
  answer_.count = 1;
  // RFC 6761 section 6.3: names of loopback are never asked for.
  if (host == "localhost") answer_.addresses[1] = *Address::parse("::1", port), answer_.count = 2;
}

void Resolver::look_up(const std::string& host, std::uint16_t port) {
  const auto resolve = reactor_.kernel().blocking_resolve();
  if (resolve == nullptr) {
    answer_.count = reactor_.kernel().resolve(host, port, answer_.addresses);
    return;
  }
  auto shared = std::make_shared<LookUp>();
  shared->resolver = this;
  const Mailbox::Task deliver_answer = [shared] {
    if (shared->resolver == nullptr) return;
    shared->resolver->answer_ = shared->answer;
    shared->resolver->deliver();
  };
  auto run = [shared, deliver_answer, host, port, resolve, mailbox = reactor_.mailbox()] {
    block_signals();
    shared->answer.count = resolve(host, port, shared->answer.addresses);
    post_surely(*mailbox, deliver_answer);
  };
  try {
    std::thread(std::move(run)).detach();
    look_up_ = std::move(shared);
  } catch (const std::system_error&) {
    answer_.count = -EAGAIN;  // no more threads
  }
}

void Resolver::cancel() noexcept {
  reactor_.disarm(*this);
  if (look_up_ != nullptr) look_up_->resolver = nullptr;
  look_up_.reset();
}

void Resolver::deliver() {
  look_up_.reset();
  if (answer_.count < 0) return owner_.on_resolve_failed(error_of(answer_.count));
  // Copied: the owner may destroy the resolver, or start it again.
  const Answer answer = answer_;
  owner_.on_resolved(std::span(answer.addresses).first(static_cast<std::size_t>(answer.count)));
}

}  // namespace duplex::net
