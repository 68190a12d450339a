// Endings of conversations.
#include "ending.h"

#include "message_text.h"

namespace duplex::tools {

ExitCode exit_code_for(const endpoint::CloseEvent& event) {
  if (event.violation != websocket::Violation::none) return ExitCode::protocol_violation;
  const auto code = static_cast<unsigned>(event.code);
  if (code == 1006) return ExitCode::could_not_connect;
  if (code == 1000 || code == 1001 || code == 1005 || code >= 3000) return ExitCode::ok;
  return ExitCode::protocol_violation;
}

std::string describe(const endpoint::CloseEvent& event) {
  std::string text = "closed with " + std::to_string(static_cast<unsigned>(event.code));
  if (!event.reason.empty()) text += " (" + one_line(event.reason) + ")";
  if (event.violation != websocket::Violation::none) {
    text += ": " + std::string(websocket::describe(event.violation));
  }
  if (event.error) text += ": " + event.error.message();
  return text;
}

std::string close_payload(websocket::CloseCode code, std::string_view reason) {
  const auto number = static_cast<unsigned>(code);
  std::string payload = {static_cast<char>(number >> 8), static_cast<char>(number & 0xFF)};
  return payload.append(reason);
}

std::string close_answered(const endpoint::CloseEvent& event) {
  if (event.violation == websocket::Violation::none) return "";
  const websocket::CloseCode code = websocket::close_code_for(event.violation);
  if (code == websocket::CloseCode::abnormal_closure) return "";
  return close_payload(code, websocket::describe(event.violation));
}

}  // namespace duplex::tools
