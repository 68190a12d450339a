// What an Engine.IO server reads from requests, and how it answers them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "duplex/codec/deflate.h"
#include "duplex/events/engine_server.h"

namespace duplex::events {

// What the query of a request says, "HTTP long-polling".
struct EngineQuery {
  std::optional<std::string> transport = {};
  std::optional<std::string> sid = {};
  std::optional<std::string> version = {};  // EIO
  bool only_text = false;                   // b64
  bool wants_script = false;                // j: JSONP

  engineio::Dialect dialect() const;

  static EngineQuery of(const http::Request& request);
};

// Why a request is refused, with the numbers and words that clients of Engine.IO know.
struct EngineFault {
  static constexpr int refused_by_the_application = 4;
  static constexpr int no_room = 6;

  int code = 0;
  std::string message = {};
  std::string context = {};  // what is wrong, for whoever looks after the server
};
EngineFault bad_request(std::string context);
// What the client is told of it, and the type of that.
std::string text_of(const EngineFault& fault);
inline constexpr std::string_view fault_type = "application/json";
// What a peer said, fit for a log: cut short, printable, in quotes.
std::string quoted(std::string_view said);

// What an answer depends on, when the request may have gone.
struct AnswerTerms {
  std::string origin = {};
  bool takes_gzip = false;
  std::vector<endpoint::HeaderField> fields = {};  // the application's, for this one

  static AnswerTerms of(const http::Request& request);
};

// Answers requests with what all answers have. Owner: an EngineServer; `options` must outlive it.
class EngineHttp {
 public:
  explicit EngineHttp(const EngineOptions& options) noexcept
      : options_(options),
        deflater_({.level = options.poll_compression ? options.poll_compression->level : 0}) {}

  void respond(endpoint::Exchange& exchange, int status, std::string_view type,
               std::string_view body, const AnswerTerms& terms) const;
  void payload(endpoint::Exchange& exchange, const engineio::OutMessage& payload,
               const AnswerTerms& terms, std::string_view cookie = {});
  // `origin` is that of the request.
  void refuse(endpoint::Exchange& exchange, const EngineFault& fault, std::string origin) const;
  void preflight(endpoint::Exchange& exchange) const;
  // Set-Cookie's value for a new session, or nothing.
  std::string cookie_for(std::string_view sid) const;

 private:
  std::vector<http::Field> fields_for(std::string_view origin) const;
  std::vector<http::Field> fields_for(const AnswerTerms& terms) const;
  bool compresses(const engineio::OutMessage& payload, const AnswerTerms& terms) const noexcept;

  const EngineOptions& options_;
  codec::Deflater deflater_;  // without memory until it is used
};

std::string origin_of(const http::Request& request);

}  // namespace duplex::events
