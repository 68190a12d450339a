// How a session of Engine.IO has ended.
#pragma once

#include <string>

#include "duplex/engineio/session.h"

namespace duplex::events {

// Also that it could not be opened. Handlers may take the reason alone.
struct EngineClose {
  engineio::CloseReason reason = engineio::CloseReason::none;
  // For people: "GET: the server answered 400: ...", "packet type 'x' is not 0 to 6". May be empty.
  std::string detail = {};

  operator engineio::CloseReason() const noexcept { return reason; }
};

}  // namespace duplex::events
