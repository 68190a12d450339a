// The clients of a run: one class for each way to get events, and what they saw.
// Owner: the run; must go before their loop. Thread: that loop's.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "duplex/duplex.h"
#include "measure/model.h"
#include "model_feed.h"

namespace duplex::conformance {

using measure::Scenario;
using measure::Seconds;
using measure::Transport;
using std::chrono::nanoseconds;

inline nanoseconds in_ns(Seconds time) { return nanoseconds(std::llround(time.count() * 1e9)); }

// What all clients saw while the feed ran.
struct Outcome {
  std::vector<double> latencies;  // seconds, of each event at each client, as they came
  std::uint64_t answers = 0;      // to polls
  std::uint64_t bytes = 0;        // both ways, of these polls or of the pushed events
  measure::HeaderProfile heads;   // as they were on the wire
  std::uint64_t connections = 0;  // that the server accepted, since the start
  std::uint64_t requests = 0;     // that reached it since then
};

class Subscriber {
 public:
  struct Setting {
    EventLoop& loop;
    const Instants& events;
    Transport transport;
    Seconds poll_interval;
    // Of the feed, as the instants at which what the server sends then reaches the client.
    net::Clock::time_point begin;
    net::Clock::time_point end;
  };

  Subscriber(const Setting& setting, Outcome& outcome) : setting_(setting), outcome_(outcome) {}
  virtual ~Subscriber() = default;
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  virtual void start() = 0;
  std::size_t seen() const noexcept { return seen_; }

 protected:
  // Events come in order, and each of them once.
  void receive(std::string_view event) {
    ASSERT_EQ(number_of(event), seen_);
    outcome_.latencies.push_back(Seconds(setting_.loop.now() - setting_.events[seen_]).count());
    ++seen_;
  }

  const Setting setting_;
  Outcome& outcome_;

 private:
  std::size_t seen_ = 0;
};

class WebSocketSubscriber final : public Subscriber {
 public:
  using Subscriber::Subscriber;

  void start() override {
    const auto on_message = [this](Connection&, Message message) { receive(message.text()); };
    client_.connect("ws://127.0.0.1/events", {.websocket = {.on_message = on_message}});
  }

 private:
  Client client_{setting_.loop};
};

class StreamSubscriber final : public Subscriber {
 public:
  using Subscriber::Subscriber;

  void start() override {
    const auto on_event = [this](const SseEvent& event) { receive(event.data); };
    source_.emplace(http_, "http://127.0.0.1/stream", SseHandlers{.on_event = on_event});
  }

 private:
  HttpClient http_{setting_.loop};
  std::optional<EventSource> source_;
};

// Asks, takes what there is, and asks again: at once if the server lets it wait.
class Poller final : public Subscriber {
 public:
  Poller(const Setting& setting, Outcome& outcome)
      : Subscriber(setting, outcome),
        waits_(setting.transport == Transport::long_poll),
        http_(setting.loop,
              {.keep_alive = setting.transport != Transport::short_poll_new_connection}) {}

  void start() override { ask(); }

 private:
  void ask() {
    const std::string path = waits_ ? "/wait" : "/poll";
    http_.request({.url = "http://127.0.0.1" + path + "?after=" + number_text(seen())},
                  {.on_done = [this](int, std::string_view body) { take(body); },
                   .on_failure = [](const HttpFailure& why) { ADD_FAILURE() << why.message; }});
  }

  void take(std::string_view body) {
    note_sizes(body.size());
    for (; !body.empty(); body.remove_prefix(line_size)) receive(body.substr(0, event_size));
    if (waits_) return ask();
    setting_.loop.run_after(in_ns(setting_.poll_interval), [this] { ask(); });
  }

  void note_sizes(std::size_t body_size) {
    const auto sent = http_.bytes_sent() - std::exchange(sent_, http_.bytes_sent());
    const auto received = http_.bytes_received() - std::exchange(received_, http_.bytes_received());
    outcome_.heads.poll_request = sent;
    // Ten events and more cost Content-Length another digit: the first answer stands for all.
    auto& head = body_size == 0 ? outcome_.heads.poll_empty_response : outcome_.heads.poll_response;
    if (head == 0) head = received - body_size;
    const auto now = setting_.loop.now();
    if (now < setting_.begin || now >= setting_.end) return;
    ++outcome_.answers;
    outcome_.bytes += sent + received;
  }

  const bool waits_;
  HttpClient http_;
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
};

inline std::unique_ptr<Subscriber> make_subscriber(const Subscriber::Setting& setting,
                                                   Outcome& outcome) {
  if (setting.transport == Transport::websocket) {
    return std::make_unique<WebSocketSubscriber>(setting, outcome);
  }
  if (setting.transport == Transport::sse) {
    return std::make_unique<StreamSubscriber>(setting, outcome);
  }
  return std::make_unique<Poller>(setting, outcome);
}

}  // namespace duplex::conformance
