// A case on a real socket: does what the case says, as far as the socket allows.
#pragma once

#include <cstdint>
#include <optional>

#include "../poll_set.h"
#include "case_run.h"
#include "duplex/net/kernel.h"

namespace duplex::tools::suite {

// Owner and thread: the engine's. Owns the descriptor, which must be non-blocking.
class Link {
 public:
  enum class Begin : bool { connecting, open };

  Link(net::Kernel& kernel, PollSet& polls, int fd, std::uint64_t data, Begin begin);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // The case that is to be run; it must outlive the link.
  void run(CaseRun& run) noexcept { run_ = &run; }
  bool running() const noexcept { return run_ != nullptr; }

  // The socket is ready: reads what has come.
  void ready(std::uint32_t events, Clock::time_point now);
  // Bytes that came before there was a case.
  std::string& early() noexcept { return early_; }
  bool ended() const noexcept { return ended_; }
  // There is a connection, or was one.
  bool connected() const noexcept { return !connecting_ && connect_error_ == 0; }
  // Why there is none: an errno, or 0. The run has not been told.
  int connect_error() const noexcept { return connect_error_; }
  void not_connected(int error);

  // Does what is to be done; true when the case is over.
  bool work(Clock::time_point now);
  // Wants to work again at once: another small piece is to be written, in a write of its own.
  bool impatient() const noexcept { return impatient_; }

 private:
  void read(Clock::time_point now);
  bool write(Clock::time_point now);  // false when the socket takes no more
  void end(Clock::time_point now);
  void want_output(bool wanted);
  void reset();

  net::Kernel& kernel_;
  PollSet& polls_;
  int fd_;
  std::uint64_t data_;
  CaseRun* run_ = nullptr;
  std::string early_;
  bool connecting_;
  int connect_error_ = 0;
  bool wants_output_;
  bool ended_ = false;
  bool impatient_ = false;
};

}  // namespace duplex::tools::suite
