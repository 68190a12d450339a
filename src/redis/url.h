// Where a Redis is, and as whom to speak to it.
#pragma once

#include <string>
#include <string_view>

#include "duplex/base/result.h"
#include "duplex/http/url.h"

namespace duplex::redis {

struct Url {
  http::Url place = {};       // what a dialer takes: host and port, or the path of a socket
  std::string user = {};      // empty: Redis' default user
  std::string password = {};  // empty: no AUTH
  std::string database = {};  // a number; empty: no SELECT
};

// Of the forms that client.h names. The error is a sentence without the password.
Result<Url, std::string> parse_url(std::string_view text);

// For constructors: throws std::invalid_argument with that sentence.
Url url_or_throw(std::string_view text);

// "127.0.0.1:6379", "[::1]:6379", or the path.
std::string name_of(const Url& url);

}  // namespace duplex::redis
