// What an Engine.IO server reads from requests, and how it answers them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "duplex/events/engine_server.h"

namespace duplex::events {

// What the query of a request says, "HTTP long-polling".
struct EngineQuery {
  std::optional<std::string> transport = {};
  std::optional<std::string> sid = {};
  std::optional<std::string> version = {};  // EIO
  bool only_text = false;                   // b64
  bool wants_script = false;                // j: JSONP, of revision 3

  engineio::Dialect dialect() const;

  static EngineQuery of(const http::Request& request);
};

// Why a request is refused, with the numbers and words that clients of Engine.IO know.
struct EngineFault {
  int code = 0;
  std::string message = {};
};

// Answers requests with what all answers have. Owner: an EngineServer; `options` must outlive it.
class EngineHttp {
 public:
  explicit EngineHttp(const EngineOptions& options) noexcept : options_(options) {}

  // `origin` is that of the request, which may have gone.
  void respond(endpoint::Exchange& exchange, int status, std::string_view type,
               std::string_view body, std::string_view origin, std::string_view cookie = {}) const;
  void payload(endpoint::Exchange& exchange, const engineio::OutMessage& payload,
               std::string_view origin, std::string_view cookie = {}) const;
  void refuse(endpoint::Exchange& exchange, const EngineFault& fault) const;
  void preflight(endpoint::Exchange& exchange) const;
  // Set-Cookie's value for a new session, or nothing.
  std::string cookie_for(std::string_view sid) const;

 private:
  std::vector<http::Field> fields_for(std::string_view origin) const;

  const EngineOptions& options_;
};

std::string origin_of(const http::Request& request);

}  // namespace duplex::events
