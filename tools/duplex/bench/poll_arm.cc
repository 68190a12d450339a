// Clients that ask.
#include "poll_arm.h"

#include <cmath>
#include <numeric>
#include <utility>

#include "../feed_event.h"

namespace duplex::tools {
namespace {

endpoint::HttpClientOptions client_options(bool keep_alive) {
  endpoint::HttpClientOptions options;
  options.keep_alive = keep_alive;
  return options;
}

}  // namespace

Poller::Poller(EventLoop& loop, Settings settings, Handlers handlers,
               std::chrono::nanoseconds phase)
    : loop_(loop),
      settings_(std::move(settings)),
      handlers_(std::move(handlers)),
      client_(loop, client_options(settings_.keep_alive)) {
  ask_after(phase);
}

Poller::~Poller() { loop_.cancel(timer_); }

void Poller::ask_after(std::chrono::nanoseconds delay) {
  timer_ = loop_.run_after(delay, [this] { ask(); });
}

// The first poll is a short one whatever follows: it tells where the feed is.
std::string Poller::next_url() const {
  if (!ready_) return settings_.url + "sp";
  return settings_.url + (settings_.long_poll ? "lp?after=" : "sp?after=") + std::to_string(seen_);
}

void Poller::ask() {
  HttpRequest request;
  request.url = next_url();
  client_.request(
      std::move(request),
      {.on_done = [this](int status, std::string_view body) { answered(status, body); },
       .on_failure =
           [this](const HttpFailure& failure) { handlers_.on_failure(failure.message); }});
}

void Poller::answered(int status, std::string_view lines) {
  if (status != 200 && status != 204) {
    return handlers_.on_failure("a poll was answered with status " + std::to_string(status));
  }
  if (lines.empty()) ++empty_answers_;
  handlers_.on_lines(lines);
  for_each_line(lines, [this](std::string_view line) {
    if (const auto event = decode_event(line)) seen_ = event->id;
  });
  if (!std::exchange(ready_, true)) handlers_.on_ready();
  if (settings_.long_poll) return ask();
  ask_after(settings_.interval);
}

PollArm::PollArm(measure::Transport transport, EventLoop& loop, const ArmSettings& settings,
                 ArmHandlers handlers, measure::Random random)
    : Arm(std::move(handlers)) {
  const bool long_poll = transport == measure::Transport::long_poll;
  const auto part = long_poll ? std::chrono::nanoseconds(0)
                              : settings.poll_cycle / static_cast<int>(settings.client_count);
  for (std::size_t i = 0; i < settings.client_count; ++i) {
    Poller::Handlers each = {.on_ready = [this] { ++ready_count_; },
                             .on_lines =
                                 [this, &loop, i](std::string_view lines) {
                                   handlers_.deliver(i, lines, loop.kernel().now());
                                 },
                             .on_failure = [this](const std::string& why) { handlers_.fail(why); }};
    const double phase =
        (static_cast<double>(i) + random.uniform()) * static_cast<double>(part.count());
    phases_.emplace_back(std::llround(phase));
    pollers_.push_back(std::make_unique<Poller>(
        loop,
        Poller::Settings{.url = "http://" + settings.http + "/feed/",
                         .long_poll = long_poll,
                         .keep_alive = transport != measure::Transport::short_poll_new_connection,
                         .interval = settings.poll_interval},
        std::move(each), phases_.back()));
  }
}

std::uint64_t PollArm::empty_answer_count() const noexcept {
  return std::accumulate(pollers_.begin(), pollers_.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const std::unique_ptr<Poller>& poller) {
                           return sum + poller->empty_answer_count();
                         });
}

}  // namespace duplex::tools
