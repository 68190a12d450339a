// Clients that ask: long polling, and short polling with and without keep-alive.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "arm.h"

namespace duplex::tools {

// One client that asks again and again: a long poll follows the last answer at once, a short one
// its interval later. Or it follows the poll before it, at a fixed rate; a tick of that clock at
// which the answer is still missing goes by.
class Poller {
 public:
  struct Settings {
    std::string url;  // "http://HOST:PORT/feed/"
    measure::Transport transport = measure::Transport::short_poll;
    std::chrono::nanoseconds interval{0};
    bool at_rate = false;
    std::size_t heads = 0;  // bytes of the request's head and the answer's; 0: as they are
  };
  struct Handlers {
    std::function<void()> on_ready;  // it knows where the feed is, and asks from now on
    std::function<void(std::string_view lines)> on_lines;
    std::function<void(const std::string& why)> on_failure;
  };

  // Asks for the first time after `phase`.
  Poller(EventLoop& loop, Settings settings, Handlers handlers, std::chrono::nanoseconds phase);
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  std::uint64_t empty_answer_count() const noexcept { return empty_answers_; }

 private:
  void ask_after(std::chrono::nanoseconds delay);
  std::chrono::nanoseconds pause();  // from the answer that has just come
  void ask();
  void answered(int status, std::string_view lines);
  std::string next_url() const;
  std::vector<endpoint::HeaderField> fields(const std::string& url) const;
  bool is_long() const noexcept { return settings_.transport == measure::Transport::long_poll; }

  EventLoop& loop_;
  Settings settings_;
  Handlers handlers_;
  HttpClient client_;
  bool ready_ = false;
  std::uint64_t empty_answers_ = 0;
  std::uint64_t seen_ = 0;       // the newest event's id
  std::size_t bare_heads_ = 0;   // bytes of both heads beside the URL, without the filling
  net::Clock::time_point tick_;  // at which it has asked, or will: of a fixed rate
  TimerId timer_ = TimerId::none;
};

class PollArm final : public Arm {
 public:
  // The phases of the short polls are random and spread: one in each part of the cycle.
  PollArm(measure::Transport transport, EventLoop& loop, const ArmSettings& settings,
          ArmHandlers handlers, measure::Random random);

  std::uint64_t empty_answer_count() const noexcept override;
  std::chrono::nanoseconds phase_of(std::size_t client) const noexcept override {
    return phases_[client];
  }

 private:
  std::vector<std::chrono::nanoseconds> phases_;
  std::vector<std::unique_ptr<Poller>> pollers_;
};

}  // namespace duplex::tools
