// What a line asks for in Socket.IO: an event, or a command that begins with a slash. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "duplex/socketio/event.h"
#include "line_command.h"

namespace duplex::tools {

using socketio::Json;
using socketio::JsonArray;

struct EmitEvent {
  enum class Manner : std::uint8_t { plainly, asking, droppably };
  JsonArray values = {};  // the name is the first
  Manner manner = Manner::plainly;
};
struct JoinNamespace {
  std::string nsp = {};
  std::optional<Json> auth = {};
};
struct LeaveNamespace {
  std::string nsp = {};  // empty: the one that events go to
};
struct ChooseNamespace {
  std::string nsp = {};  // empty: say which there are
};
struct SetAuth {
  Json auth = {};
};
struct SetAnswer {
  JsonArray values = {};
};
struct EndEvents {};

using EventCommand = std::variant<EmitEvent, JoinNamespace, LeaveNamespace, ChooseNamespace,
                                  SetAuth, SetAnswer, EndEvents, ShowHelp, Refusal>;

// `move 3 "two words" {"a": [1]}`, or the whole of it as `["move",3]`. Arguments are JSON where
// they can be, else texts; two slashes at the beginning stand for one.
EventCommand read_event_line(std::string_view line);

// A line for each command.
std::vector<std::string> event_command_help();
// The names that begin so: "/a" is "/ack", "/answer" and "/auth".
std::vector<std::string_view> complete_event_command(std::string_view beginning);

}  // namespace duplex::tools
