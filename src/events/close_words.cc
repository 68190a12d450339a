// How a WebSocket has ended, in words; see close_words.h.
#include "events/close_words.h"

namespace duplex::events {

std::string words_of(const endpoint::CloseEvent& event) {
  std::string text =
      "the WebSocket was closed: " + std::to_string(static_cast<unsigned>(event.code));
  if (!event.reason.empty()) text += ' ' + std::string(event.reason);
  if (event.error) text += ", " + event.error.message();
  if (event.violation != websocket::Violation::none) {
    text += ", " + std::string(websocket::describe(event.violation));
  }
  return text;
}

}  // namespace duplex::events
