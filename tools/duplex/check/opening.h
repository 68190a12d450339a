// The opening handshake as the suite writes and judges it, from both ends: RFC 6455 section 4,
// RFC 7692 section 7. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http_text.h"
#include "script.h"

namespace duplex::tools::suite {

// Of RFC 6455 section 1.3.
inline constexpr std::string_view usual_key = "dGhlIHNhbXBsZSBub25jZQ==";

// What a URL names.
struct Place {
  std::string host = "a";  // for the Host field
  std::string path = "/";
};

// The bytes of the request that `opening` wants, for that place.
std::string write_request(const Opening& opening, const Place& place);
// The fields of the usual request behind Host, without the empty line.
std::string opening_fields();

std::string accept_for(std::string_view key);

// Parameters of permessage-deflate as agreed, RFC 7692 section 7.1.
struct DeflateTerms {
  bool server_no_context_takeover = false;
  bool client_no_context_takeover = false;
  unsigned server_window_bits = 15;
  unsigned client_window_bits = 15;
};

struct Agreement {
  std::string problem = {};  // why the opening may not be, or empty
  std::optional<DeflateTerms> deflate = {};
};

// A server's 101 to that request.
Agreement judge_response(const HttpHead& response, const HttpHead& request);

// A client's request: what is wrong with it, or nothing.
std::string judge_request(const HttpHead& request);

// The 101 to a request, with permessage-deflate on `terms` when the client offers that.
struct Answer {
  std::string bytes = {};
  std::optional<DeflateTerms> deflate = {};
};
Answer answer_request(const HttpHead& request, const Opening& opening);

}  // namespace duplex::tools::suite
