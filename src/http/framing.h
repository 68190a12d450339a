// What the fields of a head say about its message: RFC 9112 sections 3.2, 6 and 9.3.
#pragma once

#include "duplex/http/body_decoder.h"
#include "duplex/http/error.h"
#include "duplex/http/limits.h"
#include "duplex/http/message.h"

namespace duplex::http {

// Checks Host, Expect and the framing; fills keep_alive, has_body and expects_continue.
HttpError frame_request(Request& request, const ParserLimits& limits, Framing& framing) noexcept;

// The same for an answer; `answers_head`: the request was HEAD, so no body follows.
HttpError frame_response(Response& response, bool answers_head, const ParserLimits& limits,
                         Framing& framing) noexcept;

}  // namespace duplex::http
