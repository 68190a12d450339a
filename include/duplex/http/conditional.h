// Validators and conditional requests: RFC 9110 sections 8.8 and 13.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "duplex/http/date.h"
#include "duplex/http/message.h"

namespace duplex::http {

// A strong entity-tag for a file: it changes with the size and the time of the last change.
std::string make_etag(std::uint64_t size, std::int64_t modified_nanoseconds);

// Comparison of entity-tags, section 8.8.3.2: strongly equal ones are both strong.
bool strongly_equal(std::string_view a, std::string_view b) noexcept;
bool weakly_equal(std::string_view a, std::string_view b) noexcept;

// What is known about the representation that an answer would carry.
struct Validators {
  std::string_view etag = {};  // with its quotes; empty: none
  std::optional<Seconds> last_modified = {};
};

enum class Precondition : std::uint8_t {
  proceed,       // answer as if there were no condition
  not_modified,  // 304
  failed,        // 412
};

// Evaluates If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since in the order of
// section 13.2.2, for a representation that exists. Malformed conditions are ignored, except that a
// malformed If-Match fails. `now` is for parse_http_date().
Precondition evaluate_preconditions(const Request& request, const Validators& validators,
                                    Seconds now) noexcept;

// Whether Range is to be honoured, section 13.1.5: true without If-Range.
bool if_range_holds(const Request& request, const Validators& validators, Seconds now) noexcept;

}  // namespace duplex::http
