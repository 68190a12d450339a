// The options of `duplex connect --socketio`.
#pragma once

#include <chrono>
#include <string>

#include "../options.h"
#include "conversation.h"
#include "duplex/base/result.h"
#include "event_conversation.h"

namespace duplex::tools {

// As they were typed.
struct TypedEvents {
  bool socketio = false;
  std::string path = "/socket.io/";
  std::string auth = {};
  std::string transport = "upgrade";
  std::string format = "text";
  bool msgpack = false;
  std::chrono::nanoseconds ack_timeout = std::chrono::seconds(10);
};

void add_event_options(OptionParser& parser, TypedEvents& typed);

// The conversation that they ask for, with what of `common` counts for it, too; or what is wrong.
Result<EventConversationOptions, std::string> event_conversation_options(
    const TypedEvents& typed, const ConversationOptions& common);

// Which of the options that were given cannot be together with --socketio, or without it; empty:
// all can.
std::string misplaced_option(const OptionParser& parser, bool socketio);

}  // namespace duplex::tools
