// Shows the messages of a conversation.
#pragma once

#include <chrono>
#include <optional>

#include "clock_text.h"
#include "console.h"
#include "duplex/endpoint/connection.h"
#include "line_command.h"

namespace duplex::tools {

struct DisplayOptions {
  bool timestamps = false;  // when it came, in front of each message
  bool round_trips = false;
};

struct Arrival {
  WallTime time = {};
  std::optional<std::chrono::nanoseconds> round_trip = {};  // of the message that it answers
};

// Owner: a conversation. Thread: the loop's.
class Display {
 public:
  Display(Console& console, DisplayOptions options) : console_(console), options_(options) {}

  Written show(const endpoint::Message& message, const Arrival& arrival, LineMode mode,
               bool indent_json);

 private:
  Console& console_;
  DisplayOptions options_;
};

}  // namespace duplex::tools
