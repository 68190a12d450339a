// Why a connection has closed, in words.
#include "close_reason.h"

#include "printable.h"

namespace duplex::tools {

std::string reason_of(const endpoint::CloseEvent& event) {
  if (!event.reason.empty()) return one_line(event.reason);
  if (event.violation != websocket::Violation::none) {
    return std::string(websocket::describe(event.violation));
  }
  if (event.error) return event.error.message();
  return event.code == websocket::CloseCode::abnormal_closure ? "no Close frame" : "";
}

}  // namespace duplex::tools
