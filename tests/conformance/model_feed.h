// The server's side of a run: a feed that publishes each event at its instant, to whoever is there.
// Owner: the run; must go before the server. Thread: the server loop's.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "duplex/duplex.h"
#include "duplex/http/event_stream.h"

namespace duplex::conformance {

using Instants = std::vector<net::Clock::time_point>;

// An event's text is its number and padding: all are of one size, so that heads are, too.
inline constexpr std::size_t number_size = 8;
inline constexpr std::size_t event_size = 99;
inline constexpr std::size_t line_size = event_size + 1;  // in the answer to a poll

inline std::string number_text(std::size_t number) {
  std::string digits = std::to_string(number);
  return digits.insert(0, number_size - digits.size(), '0');
}

inline std::string event_text(std::size_t number) {
  std::string text = number_text(number);
  text.resize(event_size, '.');
  return text;
}

inline std::size_t number_of(std::string_view text) {
  std::size_t number = 0;
  std::from_chars(text.data(), text.data() + std::min(text.size(), number_size), number);
  return number;
}

class Feed {
 public:
  Feed(Server& server, const Instants& events) : server_(server), events_(events) {
    server.websocket("/events", {});
    server.get("/stream", [this](Exchange& exchange) {
      exchange.start_stream(200, "text/event-stream");
      streams_.push_back(exchange.id());
    });
    server.get("/poll", [this](Exchange& exchange) { answer(exchange, after(exchange)); });
    server.get("/wait", [this](Exchange& exchange) { answer_or_park(exchange); });
    await_next();
  }

 private:
  struct Parked {
    ExchangeId id;
    std::size_t after = 0;
  };

  void await_next() {
    if (published_ == events_.size()) return;
    server_.loop().run_after(events_[published_] - server_.loop().now(), [this] {
      publish();
      await_next();
    });
  }

  void publish() {
    const std::string text = event_text(published_++);
    lines_ += text + '\n';
    server_.broadcast(text_message(text));
    std::string event;
    EXPECT_TRUE(http::append_event(event, {.data = text}));
    for (const ExchangeId id : streams_) server_.find(id)->write(event);
    for (const Parked& parked : std::exchange(parked_, {})) {
      answer(*server_.find(parked.id), parked.after);
    }
  }

  static std::size_t after(const Exchange& exchange) {
    return number_of(exchange.query("after").value_or(""));
  }

  void answer(Exchange& exchange, std::size_t after) {
    exchange.respond(200, "text/plain", std::string_view(lines_).substr(after * line_size));
  }

  void answer_or_park(Exchange& exchange) {
    if (after(exchange) < published_) return answer(exchange, after(exchange));
    parked_.push_back({exchange.id(), after(exchange)});
  }

  Server& server_;
  const Instants& events_;
  std::size_t published_ = 0;
  std::string lines_;  // all events published
  std::vector<Parked> parked_;
  std::vector<ExchangeId> streams_;
};

}  // namespace duplex::conformance
