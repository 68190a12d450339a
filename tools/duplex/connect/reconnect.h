// When a lost connection is worth another try, and how long to wait before it. Pure.
#pragma once

#include <chrono>
#include <cstdint>

#include "duplex/endpoint/client.h"
#include "measure/random.h"

namespace duplex::tools {

// Broken, or closed by a server that goes away for a while (1001, 1012, 1013).
bool is_worth_another_try(const endpoint::CloseEvent& event);
// Nobody there, or one who says that this may pass (408, 429, 5xx). What is no WebSocket now will
// not be one later.
bool is_worth_another_try(const endpoint::OpeningFailure& failure);

// Doubles from half a second to half a minute; a random part, up to a half of it, is taken off, so
// that the clients of a server that has restarted do not come all at once. Owner: a conversation.
class Backoff {
 public:
  explicit Backoff(std::uint64_t seed) noexcept : random_(seed) {}

  std::chrono::nanoseconds next();
  void reset() noexcept { attempts_ = 0; }
  std::uint64_t attempts() const noexcept { return attempts_; }  // since the last reset

 private:
  measure::Random random_;
  std::uint64_t attempts_ = 0;
};

}  // namespace duplex::tools
