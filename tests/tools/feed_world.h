// A simulated server with a client that asks it, for tests of what serves the feed's events.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../../tools/duplex/feed_event.h"
#include "../../tools/duplex/serve/feed_readers.h"
#include "../support/simulated.h"

namespace duplex::tools {

// The link takes 1 ms.
class FeedWorld : public testing::Test {
 protected:
  struct Answer {
    int status = 0;
    std::string body;
  };
  // Asks, and lets the world run until the answer is there.
  Answer ask(const std::string& path, std::vector<endpoint::HeaderField> fields = {}) {
    std::optional<Answer> answer;
    http_.request({.url = "http://127.0.0.1" + path, .fields = std::move(fields)},
                  {.on_done = [&](int status, std::string_view body) {
                    answer = Answer{.status = status, .body = std::string(body)};
                  }});
    world_.runner.run_until([&] { return answer.has_value(); }, std::chrono::seconds(60));
    return answer.value_or(Answer{});
  }
  static std::vector<std::uint64_t> ids(std::string_view lines) {
    std::vector<std::uint64_t> found;
    for_each_line(lines, [&found](std::string_view line) {
      if (const auto event = decode_event(line)) found.push_back(event->id);
    });
    return found;
  }
  using Ids = std::vector<std::uint64_t>;

  support::SimulatedServer world_{1, {.websocket = feed_protocol()}};
  HttpClient http_{world_.client_side.loop};
  Client client_{world_.client_side.loop};
};

}  // namespace duplex::tools
