// Clients that ask.
#include "poll_arm.h"

#include <cmath>
#include <numeric>
#include <utility>

#include "../feed_event.h"

namespace duplex::tools {
namespace {

endpoint::HttpClientOptions client_options(measure::Transport transport) {
  endpoint::HttpClientOptions options;
  options.keep_alive = transport != measure::Transport::short_poll_new_connection;
  return options;
}

}  // namespace

Poller::Poller(EventLoop& loop, Settings settings, Handlers handlers,
               std::chrono::nanoseconds phase)
    : loop_(loop),
      settings_(std::move(settings)),
      handlers_(std::move(handlers)),
      client_(loop, client_options(settings_.transport)),
      tick_(loop.now() + phase) {
  ask_after(phase);
}

Poller::~Poller() { loop_.cancel(timer_); }

void Poller::ask_after(std::chrono::nanoseconds delay) {
  timer_ = loop_.run_after(delay, [this] { ask(); });
}

std::chrono::nanoseconds Poller::pause() {
  if (!settings_.at_rate) return settings_.interval;
  const auto now = loop_.now();
  tick_ += ((now - tick_) / settings_.interval + 1) * settings_.interval;
  return tick_ - now;
}

// The first poll is a short one whatever follows: it tells where the feed is.
std::string Poller::next_url() const {
  if (measure::is_latest(settings_.transport)) return settings_.url + "latest";
  if (!ready_) return settings_.url + "sp";
  return settings_.url + (is_long() ? "lp?after=" : "sp?after=") + std::to_string(seen_);
}

// Which event it holds, and a cookie that brings the heads to the size that is asked for, once it
// is known how large they are without it. What is asked for and cannot be reached is left as it is.
std::vector<endpoint::HeaderField> Poller::fields(const std::string& url) const {
  std::vector<endpoint::HeaderField> fields;
  if (settings_.transport == measure::Transport::conditional_poll && ready_) {
    fields.push_back({"If-None-Match", '"' + std::to_string(seen_) + '"'});
  }
  constexpr std::string_view around = "Cookie: \r\n";
  std::size_t bare = bare_heads_ + url.size() + around.size();
  for (const endpoint::HeaderField& field : fields)
    bare += field.name.size() + field.value.size() + 4;
  if (bare_heads_ > 0 && bare < settings_.heads) {
    fields.push_back({"Cookie", std::string(settings_.heads - bare, 'x')});
  }
  return fields;
}

void Poller::ask() {
  HttpRequest request;
  request.url = next_url();
  request.fields = fields(request.url);
  const bool is_filled = !request.fields.empty() && request.fields.back().name == "Cookie";
  const std::size_t url_size = request.url.size();
  const std::uint64_t before = client_.bytes_sent() + client_.bytes_received();
  client_.request(
      std::move(request),
      {.on_done =
           [this, before, is_filled, url_size](int status, std::string_view body) {
             const std::uint64_t both = client_.bytes_sent() + client_.bytes_received() - before;
             if (!is_filled) bare_heads_ = both - body.size() - url_size;
             answered(status, body);
           },
       .on_failure =
           [this](const HttpFailure& failure) { handlers_.on_failure(failure.message); }});
}

void Poller::answered(int status, std::string_view lines) {
  if (status != 200 && status != 204 && status != 304) {
    return handlers_.on_failure("a poll was answered with status " + std::to_string(status));
  }
  if (lines.empty()) ++empty_answers_;
  handlers_.on_lines(lines);
  for_each_line(lines, [this](std::string_view line) {
    if (const auto event = decode_event(line)) seen_ = event->id;
  });
  if (!std::exchange(ready_, true)) handlers_.on_ready();
  // So large an answer may have left something for the next.
  const bool cut = lines.size() > default_max_answer / 2;
  if (is_long() || (cut && !measure::is_latest(settings_.transport))) return ask();
  ask_after(pause());
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
    pollers_.push_back(
        std::make_unique<Poller>(loop,
                                 Poller::Settings{.url = "http://" + settings.http + "/feed/",
                                                  .transport = transport,
                                                  .interval = settings.poll_interval,
                                                  .at_rate = settings.polls_at_rate,
                                                  .heads = settings.heads},
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
