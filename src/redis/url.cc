// Where a Redis is; see url.h. What it has in common with an HTTP URL is read as one.
#include "redis/url.h"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

#include "duplex/http/message.h"
#include "duplex/http/target.h"

namespace duplex::redis {
namespace {

using Outcome = Result<Url, std::string>;

Failure<std::string> failure(std::string_view why) { return Failure{std::string(why)}; }

// [user]:password
std::optional<std::string> read_user(std::string_view text, Url& url) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return "a user name needs a password: user:password@";
  auto user = http::percent_decode(text.substr(0, colon));
  auto password = http::percent_decode(text.substr(colon + 1));
  if (!user || !password) return "a '%' before the '@' is not followed by two hex digits";
  if (password->empty()) return "the password is empty";
  url.user = *std::move(user);
  url.password = *std::move(password);
  return std::nullopt;
}

// Takes "user:password@" off the front of the authority that `rest` begins with.
std::optional<std::string> take_user(std::string_view& rest, Url& url) {
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  const std::size_t at = authority.rfind('@');
  if (at == std::string_view::npos) return std::nullopt;
  rest.remove_prefix(at + 1);
  return read_user(authority.substr(0, at), url);
}

std::string with_port(std::string_view rest) {
  const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  const std::string_view authority = rest.substr(0, end);
  const std::size_t literal_end = std::min(authority.find(']'), authority.size());
  std::string text(authority);
  const bool has_literal = authority.starts_with('[');
  const std::size_t colon = authority.find(':', has_literal ? literal_end : 0);
  if (colon == std::string_view::npos) text += ':';
  if (text.ends_with(':')) text += "6379";
  return text.append(rest.substr(end));
}

Outcome read_place(Url url, const std::string& text) {
  auto place = http::parse_url(text);
  if (!place) return failure(http::describe(place.error()));
  url.place = *std::move(place);
  url.database = url.place.path_and_query.substr(1);
  const bool is_number = std::all_of(url.database.begin(), url.database.end(),
                                     [](char c) { return c >= '0' && c <= '9'; });
  if (!is_number || url.database.size() > 9) {
    return failure("what follows the host is not the number of a database");
  }
  return url;
}

Outcome parse_tcp(std::string_view rest) {
  if (!rest.starts_with("//")) return failure(http::describe(http::UrlError::invalid_host));
  rest.remove_prefix(2);
  Url url;
  if (auto why = take_user(rest, url)) return failure(*why);
  return read_place(std::move(url), "http://" + with_port(rest));
}

Outcome parse_unix(std::string_view rest) {
  Url url;
  if (rest.starts_with("//")) {
    rest.remove_prefix(2);
    if (auto why = take_user(rest, url)) return failure(*why);
  }
  return read_place(std::move(url), "http+unix:" + std::string(rest));
}

}  // namespace

Result<Url, std::string> parse_url(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view scheme = text.substr(0, colon);
  const std::string_view rest = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  if (http::iequals(scheme, "redis")) return parse_tcp(rest);
  if (http::iequals(scheme, "redis+unix")) return parse_unix(rest);
  if (http::iequals(scheme, "rediss")) return failure("rediss needs TLS, which is not supported");
  return failure("the URL begins with neither redis: nor redis+unix:");
}

Url url_or_throw(std::string_view text) {
  auto url = parse_url(text);
  if (!url) throw std::invalid_argument("redis: " + url.error());
  return *std::move(url);
}

std::string name_of(const Url& url) {
  if (url.place.is_unix()) return url.place.unix_path;
  const bool is_ipv6 = url.place.host.find(':') != std::string::npos;
  const std::string host = is_ipv6 ? "[" + url.place.host + "]" : url.place.host;
  return host + ":" + std::to_string(url.place.port);
}

}  // namespace duplex::redis
