// Shows what happens in a conversation of events: as words, or as JSON, an object a line.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "console.h"
#include "duplex/duplex.h"
#include "duplex/net/kernel.h"

namespace duplex::tools {

struct EventDisplayOptions {
  bool json = false;        // everything is a result then, connections too
  bool timestamps = false;  // when it came, in front of each event; JSON has it anyway
  std::string home = "/";   // the namespace that need not be named
};

// Owner: a conversation. Thread: the loop's.
class EventDisplay {
 public:
  EventDisplay(Console& console, net::Kernel& clock, EventDisplayOptions options)
      : console_(console), clock_(clock), options_(std::move(options)) {}

  // `answer`: what it was answered, if it asked.
  Written event(std::string_view nsp, std::string_view name, socketio::Values values,
                const std::optional<socketio::JsonArray>& answer);
  Written reply(std::string_view nsp, std::string_view name, const socketio::AckReply& reply,
                std::chrono::nanoseconds round_trip);
  Written connected(const socketio::ClientSocket& socket, events::Transport transport);
  // `again`: it is tried again.
  Written refused(std::string_view nsp, const socketio::ConnectError& error, bool again);
  Written disconnected(std::string_view nsp, const socketio::ClientDisconnect& why, bool again);
  Written attempt(std::size_t number);

 private:
  // As an object if it shall be; nothing: it is to be said in words.
  std::optional<Written> show_object(std::string_view type, socketio::JsonObject members);
  std::string front(std::string_view nsp) const;

  Console& console_;
  net::Kernel& clock_;
  EventDisplayOptions options_;
};

// "/admin: transport close (the WebSocket was closed: 1006)"
std::string text_of(std::string_view nsp, const socketio::ClientDisconnect& why);

// `1 "two words" word {"a":1} <3 bytes: 01 ab ff>`: as lines are read, but for the bytes.
std::string values_text(socketio::Values values);

}  // namespace duplex::tools
