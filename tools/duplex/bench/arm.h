// The clients of one transport, as many as the bench asks for, from connecting to dropping.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "duplex/duplex.h"
#include "measure/arrivals.h"
#include "measure/model.h"

namespace duplex::tools {

struct ArmSettings {
  std::string http;  // "127.0.0.1:4711": where the clients connect to
  std::string tcp;   // the same for the raw floor
  std::size_t client_count = 8;
  std::uint64_t newest = 0;  // id of the feed's newest event; pushed clients ask for it and on
  std::size_t heads = 0;     // bytes: what polls and their answers are filled up to
  std::chrono::nanoseconds poll_interval{0};
  bool polls_at_rate = false;              // the interval is from poll to poll
  std::chrono::nanoseconds poll_cycle{0};  // from poll to poll: the interval, perhaps a round trip
  measure::ScheduleOptions schedule = {};  // of the echo, whose events are the clients' own
  std::size_t event_size = 64;
  std::string content = "letter";
  std::uint64_t seed = 1;  // of the content
};

struct ArmHandlers {
  // Lines of the feed have arrived completely at that client, at that instant.
  std::function<void(std::size_t client, std::string_view lines, net::Clock::time_point received)>
      deliver;
  std::function<void(const std::string& why)> fail;
};

// Connects when it is made, drops everything when it is destroyed. Thread: the loop's.
class Arm {
 public:
  Arm(const Arm&) = delete;
  Arm& operator=(const Arm&) = delete;
  virtual ~Arm() = default;

  // Clients that get, or have asked for, the next event.
  virtual std::size_t ready_count() const noexcept { return ready_count_; }
  // Where the events are its own and not the feed's: the newest one's id.
  virtual std::optional<std::uint64_t> newest_event() const noexcept { return std::nullopt; }
  // Answers to polls that brought no event.
  virtual std::uint64_t empty_answer_count() const noexcept { return 0; }
  // How long after the others that client connects.
  virtual std::chrono::nanoseconds phase_of(std::size_t) const noexcept {
    return std::chrono::nanoseconds(0);
  }
  // No event of its own from now on.
  virtual void stop_sending() {}

 protected:
  explicit Arm(ArmHandlers handlers) : handlers_(std::move(handlers)) {}

  ArmHandlers handlers_;
  std::size_t ready_count_ = 0;
};

std::unique_ptr<Arm> make_arm(measure::Transport transport, EventLoop& loop,
                              const ArmSettings& settings, ArmHandlers handlers,
                              measure::Random random);

}  // namespace duplex::tools
