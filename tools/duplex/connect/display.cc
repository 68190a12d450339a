// Messages as lines.
#include "display.h"

#include <string>

#include "json_text.h"
#include "measure/format.h"
#include "message_text.h"

namespace duplex::tools {
namespace {

std::string front_of(const Arrival& arrival, const DisplayOptions& options) {
  std::string front;
  if (options.timestamps) front += time_of_day(arrival.time) + "  ";
  if (!options.round_trips) return front;
  const std::string time =
      arrival.round_trip ? measure::format_duration(*arrival.round_trip) : std::string("-");
  return front + measure::pad_left(time, 7) + "  ";
}

}  // namespace

Written Display::show(const endpoint::Message& message, const Arrival& arrival, LineMode mode,
                      bool indent_json) {
  const std::string front = front_of(arrival, options_);
  if (mode == LineMode::hex && message.opcode == websocket::Opcode::binary) {
    return console_.show(front + hex_text(message.payload));
  }
  std::optional<std::string> indented;
  if (indent_json) indented = indented_json(message.text());
  const std::string_view text = indented ? std::string_view(*indented) : message.text();
  if (console_.shows_to_a_person()) return console_.show(front + printable(text));
  return front.empty() ? console_.show(text) : console_.show(front + std::string(text));
}

}  // namespace duplex::tools
